import { sqliteStore } from "../../adapters/sqlite/mod.ts";
import { checkAgainstModel } from "./fixtures/model.ts";

Deno.test("the SQLite store does what the memory store does", async () => {
  const directory = await Deno.makeTempDir();
  let runs = 0;
  await checkAgainstModel(async (clock) => {
    const path = `${directory}/${++runs}.db`;
    const store = sqliteStore({ path, clock, synchronous: "NORMAL" });
    await store.open();
    return store;
  });
  await Deno.remove(directory, { recursive: true });
});
