import { sqliteStore } from "../../adapters/sqlite/mod.ts";
import { testStore } from "../../src/testing/conformance/mod.ts";

testStore({
  test: (name, fn, skip) =>
    Deno.test({ name: `sqlite ${name}`, fn, ignore: skip !== undefined }),
  fresh: async () => {
    const directory = await Deno.makeTempDir();
    const path = `${directory}/lovage.db`;
    return {
      store: (options) => sqliteStore({ ...options, path }),
      dispose: () => Deno.remove(directory, { recursive: true }),
    };
  },
});
