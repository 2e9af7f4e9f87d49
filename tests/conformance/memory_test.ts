import { memoryStore } from "../../adapters/memory/mod.ts";
import { testStore } from "../../src/testing/conformance/mod.ts";

testStore({
  test: (name, fn, skip) =>
    Deno.test({ name: `memory ${name}`, fn, ignore: skip !== undefined }),
  fresh: () => {
    const name = crypto.randomUUID();
    return { store: (options) => memoryStore({ ...options, name }) };
  },
});
