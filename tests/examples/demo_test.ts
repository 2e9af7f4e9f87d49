import { assert, assertEquals, assertStringIncludes } from "@std/assert";

Deno.test("the demo runs from end to end in under 20 s", async () => {
  const start = performance.now();
  const { stdout, code } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "demo"],
    cwd: new URL("../../", import.meta.url),
    env: { NO_COLOR: "1" },
    stderr: "inherit",
  }).output();
  const output = new TextDecoder().decode(stdout);
  assertEquals(code, 0);
  // The states as they change: a broken document, and one that takes its time.
  assertStringIncludes(output, "broken.md    parse RETRY  SyntaxError");
  assertStringIncludes(output, "broken.md    parse FAILURE  SyntaxError");
  assertStringIncludes(output, "minutes.md   score SCORING  50 %");
  assertStringIncludes(output, "84 of 100  Three in the morning");
  assertStringIncludes(output, "not scored  broken.md: SyntaxError");
  assert(performance.now() - start < 20_000);
});
