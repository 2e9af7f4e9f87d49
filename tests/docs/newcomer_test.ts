/**
 * A newcomer with an empty folder copies the README, and then the first
 * chapters of the guide. Nothing is there but what the pages have told.
 */

import { assertEquals } from "@std/assert";
import { copy } from "./fixtures/copying.ts";
import { blocksOf, textOf } from "./fixtures/page.ts";
import { FIRST_CHAPTERS } from "./fixtures/scenes.ts";

Deno.test("a newcomer copies the README's first blocks", async () => {
  const blocks = await blocksOf("README.md");
  const end = blocks.findIndex(({ language }) => language === "sh");
  const done = await copy(blocks.slice(0, end + 1));
  assertEquals(done, { files: 2, commands: 3, shown: 0 });
});

Deno.test("they are the first chapters", async () => {
  const index = await textOf("docs/README.md");
  const names = [...index.matchAll(/^\d+\. \[.*?\]\((.*?)\)/gm)]
    .map(([, name]) => `docs/${name}`);
  assertEquals(names.slice(0, 3), Object.keys(FIRST_CHAPTERS));
});

for (const [page, { later, does }] of Object.entries(FIRST_CHAPTERS)) {
  Deno.test(`a newcomer copies ${page}, block by block`, async () => {
    const more = later === undefined ? [] : await blocksOf(later);
    const files = more.filter(({ file }) => file !== null);
    const blocks = await blocksOf(page);
    assertEquals(await copy([...files, ...blocks]), does);
  });
}
