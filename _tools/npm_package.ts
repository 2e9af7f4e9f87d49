/**
 * Makes the package for npm: what `deno pack` makes, and the command `lovage`.
 *
 * ```sh
 * deno task npm   # lovage-lovage-<version>.tgz in the working directory
 * ```
 */

/** The oldest that the package works on: it is the first with SQLite. */
export const OLDEST_NODE = "22.13";
/** The oldest that the package works on. */
export const OLDEST_BUN = "1.4";

const COMMAND = "lovage.js";
const COMMAND_SOURCE = `#!/usr/bin/env node
import { main } from "./src/cli/main.js";
import { exitNow, programArgs } from "./src/runtime/process.js";

exitNow(await main(programArgs()));
`;

/**
 * Makes the package.
 *
 * @param directory where to
 * @returns its path
 */
export async function makeNpmPackage(directory: string): Promise<string> {
  const path = await Deno.makeTempDir({ prefix: "lovage-npm-" });
  try {
    const packed = `${path}/packed.tgz`;
    await run(
      [Deno.execPath(), "pack", "-q", "--allow-dirty", "--no-source-maps"],
      ["-o", packed],
      new URL("../", import.meta.url).pathname,
    );
    await run(["tar", "xzf", packed], [], path);
    const folder = `${path}/package`;
    await addCommand(folder);
    const name = await run(
      ["npm", "pack", "--silent"],
      ["--pack-destination", directory],
      folder,
    );
    return `${directory}/${name.trim()}`;
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}

async function addCommand(folder: string): Promise<void> {
  const manifest = `${folder}/package.json`;
  const facts = JSON.parse(await Deno.readTextFile(manifest));
  await Deno.writeTextFile(`${folder}/${COMMAND}`, COMMAND_SOURCE);
  await Deno.writeTextFile(
    manifest,
    JSON.stringify({
      ...facts,
      bin: { lovage: `./${COMMAND}` },
      engines: { node: `>=${OLDEST_NODE}`, bun: `>=${OLDEST_BUN}` },
    }),
  );
}

async function run(
  [program = "", ...args]: readonly string[],
  more: readonly string[],
  cwd: string,
): Promise<string> {
  const command = new Deno.Command(program, { args: [...args, ...more], cwd });
  const { stdout, stderr, success } = await command.output();
  const decoder = new TextDecoder();
  if (success) return decoder.decode(stdout);
  throw new Error(`${program} has failed: ${decoder.decode(stderr)}`);
}

if (import.meta.main) console.log(await makeNpmPackage(Deno.cwd()));
