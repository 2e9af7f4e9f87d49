/**
 * The package for npm: it installs into a project of Node's and works there,
 * workers with isolates and hard limits included.
 */

import { assert, assertEquals } from "@std/assert";
import { canRun } from "./fixtures/programs.ts";

/** The oldest that is supported. */
const NODE = 22;

Deno.test({
  name: "the npm package works on Node: producers, workers, isolates",
  ignore: !canRun("npm"),
  async fn() {
    const path = await Deno.makeTempDir({ prefix: "lovage-node-" });
    try {
      const project = `${path}/project`;
      await Deno.mkdir(project);
      const tarball = `${path}/lovage.tgz`;
      await run(
        [Deno.execPath(), "pack", "-q", "--allow-dirty", "-o", tarball],
        new URL("../../", import.meta.url).pathname,
      );
      await Deno.writeTextFile(`${project}/package.json`, '{"type":"module"}');
      const own = await majorOf("node");
      const node = own !== null && own >= NODE ? [] : [`node@${NODE}`];
      await run(["npm", "install", "--silent", tarball, ...node], project);
      await Deno.writeTextFile(`${project}/tasks.mjs`, TASKS);
      await Deno.writeTextFile(`${project}/main.mjs`, MAIN);
      const program = node.length === 0
        ? "node"
        : `${project}/node_modules/node/bin/node`;
      const text = await run([program, "--no-warnings", "main.mjs"], project);
      assertEquals(text, "3\n60\nTimeLimitExceeded\nTypeError: no\n");
    } finally {
      await Deno.remove(path, { recursive: true });
    }
  },
});

const TASKS = `
import { Lovage } from "@lovage/lovage";
export const app = new Lovage("node", { brokerUrl: "sqlite://./q.db" });
export const add = app.task("add", (a, b) => a + b);
export const sum = app.task("sum", (all) => all.reduce((a, b) => a + b, 0));
export const burn = app.task("burn", { timeLimit: "300ms" }, () => {
  while (true);
});
export const fail = app.task("fail", () => {
  throw new TypeError("no");
});
`;

const MAIN = `
import { chord } from "@lovage/lovage";
import { add, app, burn, fail, sum } from "./tasks.mjs";
const module = new URL("./tasks.mjs", import.meta.url).href;
await app.worker({ module, concurrency: 2 });
const timeout = "30s";
console.log(await (await add.delay(1, 2)).get({ timeout }));
const header = [1, 2, 3].map((n) => add.s(n, 18));
console.log(await (await chord(header, sum.s()).delay()).get({ timeout }));
const burnt = await burn.delay();
console.log(await burnt.get({ timeout }).catch(({ name }) => name));
const failed = await fail.delay();
console.log(await failed.get({ timeout }).catch(String));
await app.close();
`;

async function run(
  [program = "", ...args]: readonly string[],
  cwd: string,
): Promise<string> {
  const command = new Deno.Command(program, { args, cwd });
  const { stdout, stderr, success } = await command.output();
  const [text = "", errors = ""] = [stdout, stderr].map((bytes) =>
    new TextDecoder().decode(bytes)
  );
  assert(success, `${program} ${args.join(" ")}: ${errors}`);
  return text;
}

async function majorOf(program: string): Promise<number | null> {
  if (!canRun(program)) return null;
  const version = await run([program, "--version"], ".");
  return Number(/^v(\d+)/.exec(version)?.[1]);
}
