/**
 * A newcomer with an empty folder copies the README's first blocks, and then
 * the first chapters of the guide, block by block: files are written, commands
 * are run, and what the page shows must come out.
 */

import { freePort } from "../adapters/fixtures/free_port.ts";
import { assertEquals } from "@std/assert";
import { hostname } from "node:os";
import { type Block, blocksOf } from "./fixtures/page.ts";
import { Terminal } from "./fixtures/terminal.ts";

const ROOT = new URL("../../", import.meta.url);
const GUIDE = new URL("docs/README.md", ROOT);

Deno.test("a newcomer copies the README's first blocks", async () => {
  const blocks = await blocksOf(new URL("README.md", ROOT));
  const end = blocks.findIndex(({ language }) => language === "sh");
  const done = await copy(blocks.slice(0, end + 1));
  assertEquals(done, { files: 2, commands: 3, shown: 0 });
});

const chapters = [
  { name: "how_it_works.md", does: { files: 0, commands: 0, shown: 0 } },
  { name: "first_steps.md", does: { files: 2, commands: 7, shown: 4 } },
  {
    name: "project_structure.md",
    // A later chapter adds a test to that project.
    later: "testing.md",
    does: { files: 8, commands: 8, shown: 3 },
  },
];

Deno.test("they are the first chapters", async () => {
  const index = await Deno.readTextFile(GUIDE);
  const names = [...index.matchAll(/^\d+\. \[.*?\]\((.*?)\)/gm)]
    .map(([, name]) => name);
  assertEquals(names.slice(0, 3), chapters.map(({ name }) => name));
});

for (const { name, later, does } of chapters) {
  Deno.test(`a newcomer copies docs/${name}, block by block`, async () => {
    const more = later === undefined
      ? []
      : await blocksOf(new URL(later, GUIDE));
    const files = more.filter(({ file }) => file !== null);
    const blocks = await blocksOf(new URL(name, GUIDE));
    assertEquals(await copy([...files, ...blocks]), does);
  });
}

/** Does what the blocks say, and looks whether they show what comes out. */
async function copy(
  blocks: readonly Block[],
): Promise<{ files: number; commands: number; shown: number }> {
  await using terminal = new Terminal();
  const port = String(freePort());
  const ids = new Map<string, string>();
  const done = { files: 0, commands: 0, shown: 0 };
  let printed: string | null = null;
  for (const { language, text, file } of blocks) {
    if (language === "sh") {
      printed = "";
      for (const line of text.trim().split("\n")) {
        done.commands++;
        printed += await terminal.run(meant(line, port, ids));
      }
      continue;
    }
    if (language === "text" && printed !== null) {
      done.shown++;
      assertEquals(facts(printed, terminal.folder), facts(text));
      const shown = text.match(UUID) ?? [];
      (printed.match(UUID) ?? []).forEach((id, at) =>
        ids.set(shown[at] ?? "", id)
      );
    } else if (file !== null) {
      done.files++;
      await terminal.write(file, text);
    }
    printed = null;
  }
  return done;
}

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** The line, with a port that is free, and ids that there are. */
function meant(
  line: string,
  port: string,
  ids: ReadonlyMap<string, string>,
): string {
  return line.replaceAll("8000", port)
    .replaceAll(UUID, (id) => ids.get(id) ?? id);
}

/** What is printed, without what differs each time and on each machine. */
function facts(text: string, folder = "/home/ann/shop"): string {
  return text.trim()
    .replaceAll(folder, "/home/ann/shop")
    .replaceAll(`@${hostname()}`, "@laptop")
    .replaceAll(UUID, "ID")
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME")
    .replaceAll(/\b\d+m?s ago|\bnow\b/g, "AGO")
    .replaceAll(/(?<=\s)\d+m?s\b/g, "SPAN")
    .replaceAll(/(?<=\sx?|\(x?|isolate x)\d+/g, "N")
    .replaceAll("processes", "process")
    .replaceAll(/ +/g, " ");
}
