/** The pages of the repository link to what is there. */

import { assertEquals } from "@std/assert";

const ROOT = new URL("../../", import.meta.url);

Deno.test("links between pages lead to files and headings that exist", async () => {
  const pages = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"];
  for await (const { name } of Deno.readDir(new URL("docs/", ROOT))) {
    if (name.endsWith(".md")) pages.push(`docs/${name}`);
  }
  const broken: string[] = [];
  for (const page of pages) {
    const url = new URL(page, ROOT);
    for (const link of linksOf(await Deno.readTextFile(url))) {
      const target = new URL(link, url);
      if (!await exists(target)) broken.push(`${page}: ${link}`);
    }
  }
  assertEquals(broken, []);
});

Deno.test("every chapter is in the index of the guide", async () => {
  const index = await Deno.readTextFile(new URL("docs/README.md", ROOT));
  const listed = new Set(linksOf(index));
  const missing: string[] = [];
  for await (const { name } of Deno.readDir(new URL("docs/", ROOT))) {
    const isChapter = name.endsWith(".md") && name !== "README.md";
    if (isChapter && !listed.has(name)) missing.push(name);
  }
  assertEquals(missing, []);
});

/** Links to other pages and files; what is code is no link. */
function linksOf(text: string): readonly string[] {
  const prose = text.replaceAll(/^```[^]*?^```$/gm, "")
    .replaceAll(/`[^`]*`/g, "");
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link)
    .filter((link) => !/^\w+:/.test(link));
}

async function exists(target: URL): Promise<boolean> {
  const heading = decodeURIComponent(target.hash.slice(1));
  const file = new URL(target);
  file.hash = "";
  try {
    if (heading === "") return (await Deno.stat(file)) !== null;
    return headingsOf(await Deno.readTextFile(file)).has(heading);
  } catch {
    return false;
  }
}

/** The ids of a page's headings, as GitHub makes them. */
function headingsOf(text: string): ReadonlySet<string> {
  const prose = text.replaceAll(/^```[^]*?^```$/gm, "");
  return new Set(
    [...prose.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
      heading.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
        .replaceAll(" ", "-")
    ),
  );
}
