/** A runtime that is too old for SQLite says which ones are not. */

import { assertEquals, assertStringIncludes } from "@std/assert";

const ROOT = new URL("../../", import.meta.url);
// As Node before 22.13 says it, without its flag.
const MISSING = `data:text/javascript,${
  encodeURIComponent(
    `export const DatabaseSync = null, constants = null, backup = null;
    throw new Error("No such built-in module: node:sqlite");`,
  )
}`;
const PROGRAM = `
  import { Lovage } from "@lovage/lovage";
  const app = new Lovage("shop", { brokerUrl: "sqlite://./q.db" });
  await app.sendTask("any").catch(({ name, message, transient }) =>
    console.log(JSON.stringify([name, transient, message]))
  );
`;

Deno.test("without SQLite, the error names the runtimes that have it", async () => {
  const { imports } = JSON.parse(
    await Deno.readTextFile(new URL("deno.json", ROOT)),
  );
  const directory = await Deno.makeTempDir({ prefix: "lovage-test-" });
  try {
    const map = {
      ...imports,
      "@lovage/lovage": new URL("mod.ts", ROOT).href,
      "node:sqlite": MISSING,
    };
    const config = `${directory}/deno.json`;
    await Deno.writeTextFile(config, JSON.stringify({ imports: map }));
    await Deno.writeTextFile(`${directory}/main.ts`, PROGRAM);
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-lock", "-q", "-c", config, "main.ts"],
      cwd: directory,
    }).output();
    const [out, err] = [stdout, stderr].map((bytes) =>
      new TextDecoder().decode(bytes)
    );
    assertEquals(err, "");
    const [name, transient, message] = JSON.parse(out ?? "");
    assertEquals([name, transient], ["StoreError", false]);
    assertStringIncludes(message, "sqlite:// needs Node 22.13 or later");
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
