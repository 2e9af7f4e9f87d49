/** `docs/errors.md` quotes messages: each is one that the code has. */

import { assert, assertEquals } from "@std/assert";

const ROOT = new URL("../../", import.meta.url);

/** Deno's own, which the page tells of as well. */
const NOT_OURS = /^NotCapable/;
/** The least of a message's words that say which one it is. */
const LEAST = 8;

Deno.test("docs/errors.md quotes messages as the code has them", async () => {
  const page = await Deno.readTextFile(new URL("docs/errors.md", ROOT));
  const quoted = page.split("\n").filter((line) => line.startsWith("### "))
    .flatMap((line) => [...line.matchAll(/`([^`]+)`/g)])
    .map(([, message = ""]) => message)
    .filter((message) => !NOT_OURS.test(message));
  assert(quoted.length > 40);
  const code = await sourceText();
  const strange = quoted.flatMap((message) => {
    const parts = message.split("…").map((part) => part.trim())
      .filter((part) => part.length >= LEAST);
    assert(parts.length > 0, `Too little to go by: ${message}`);
    return parts.filter((part) => !code.includes(part));
  });
  assertEquals(strange, []);
});

/** All code, its texts as they come out: pieces together, without escapes. */
async function sourceText(): Promise<string> {
  const texts: string[] = [];
  for (const folder of ["src/", "adapters/"]) {
    for await (const path of filesOf(new URL(folder, ROOT))) {
      texts.push(await Deno.readTextFile(path));
    }
  }
  return texts.join("\n")
    .replaceAll(/["'`]\s*\+\s*["'`]/g, "")
    .replaceAll(/\\(["'`])/g, "$1");
}

async function* filesOf(folder: URL): AsyncGenerator<URL> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) yield* filesOf(new URL(`${name}/`, folder));
    else if (/\.tsx?$/.test(name)) yield new URL(name, folder);
  }
}
