/**
 * Every command that a page shows is run, in the order of the page, or stands
 * in the list of those that cannot be run here.
 */

import { assertEquals } from "@std/assert";
import { Servers, serversTest } from "../app/fixtures/servers.ts";
import { copy } from "./fixtures/copying.ts";
import { blocksOf, commandsOf, pages } from "./fixtures/page.ts";
import { FIRST_CHAPTERS, NOT_RUN, SCENES } from "./fixtures/scenes.ts";

const servers = new Servers();

/** Servers that pages name, and those that stand for them. */
const NAMED: Readonly<Record<string, () => Promise<string>>> = {
  "redis://localhost": () => servers.newRedis(),
  "redis://db": () => servers.newRedis(),
  "postgres://admin@db/shop": () => servers.newPostgres(),
};

for (const [page, scene] of Object.entries(SCENES)) {
  serversTest(`the commands of ${page} do what it shows`, async () => {
    const blocks = await blocksOf(page);
    const called: Record<string, string> = { ...scene.called };
    const commands = (await commandsIn(page)).join("\n");
    for (const [name, newDatabase] of Object.entries(NAMED)) {
      if (commands.includes(name)) called[name] = await newDatabase();
    }
    await copy(blocks, { ...scene, called }, isRun);
  });
}

Deno.test("there is a scene for each page that shows commands", async () => {
  const shown: string[] = [];
  for (const page of await pages()) {
    if ((await commandsIn(page)).some(isRun)) shown.push(page);
  }
  const known = [...Object.keys(FIRST_CHAPTERS), ...Object.keys(SCENES)];
  assertEquals(shown.filter((page) => !known.includes(page)), []);
});

Deno.test("what is said of commands is said of those that are shown", async () => {
  const all: string[] = [];
  const strange: string[] = [];
  for (const page of await pages()) {
    const commands = await commandsIn(page);
    all.push(...commands);
    const steps = Object.keys(SCENES[page]?.steps ?? {});
    strange.push(...steps.filter((step) => !commands.includes(step)));
  }
  strange.push(...Object.keys(NOT_RUN).filter((it) => !all.includes(it)));
  assertEquals(strange, []);
});

function isRun(command: string): boolean {
  return !Object.hasOwn(NOT_RUN, command);
}

async function commandsIn(page: string): Promise<readonly string[]> {
  return (await blocksOf(page)).filter(({ language }) => language === "sh")
    .flatMap(commandsOf);
}
