import { assertEquals } from "@std/assert";
import { settingsDoc } from "../../_tools/settings_doc.ts";

Deno.test("docs/settings.md is what the code says", async () => {
  const path = new URL("../../docs/settings.md", import.meta.url);
  assertEquals(
    await Deno.readTextFile(path),
    await settingsDoc(),
    "Run: deno task docs:settings",
  );
});
