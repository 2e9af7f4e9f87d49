/**
 * What importing the package pulls in.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";

Deno.test("mod.ts bundles for browsers, without a driver and without Deno or Node", async () => {
  const { stdout, stderr, success } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--platform", "browser", "mod.ts"],
    cwd: new URL("../../", import.meta.url),
  }).output();
  const decoder = new TextDecoder();
  assert(success, decoder.decode(stderr));
  const bundle = decoder.decode(stdout);
  assert(bundle.includes("Lovage"), "the bundle is empty");
  const names = bundle.match(/\bDeno\.\w+|["']node:\w+["']|adapters\/\w+/g);
  const loadedLazily = ["adapters/memory", "adapters/sqlite"];
  assertEquals(names?.filter((name) => !loadedLazily.includes(name)) ?? [], []);
});
