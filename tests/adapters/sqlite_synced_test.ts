/**
 * What the store has accepted is synced to the disk at its commit, unless the
 * options say otherwise: the level that SQLite is at, inside of the writes.
 */

import { assertEquals } from "@std/assert";
import { Client, type Durability } from "../../adapters/sqlite/client.ts";
import { withStores } from "./fixtures/temp_store.ts";

const LEVELS = { NORMAL: 1, FULL: 2 };

for (const synchronous of ["FULL", "NORMAL"] as const) {
  Deno.test(`SQLite with synchronous ${synchronous} commits so`, () =>
    withStores(async ({ path }) => {
      const client = new Client({ path, synchronous, lockTimeout: 1_000 });
      await client.open();
      const levelOf = (durability?: Durability) =>
        client.write(
          () => client.tuples("pragma synchronous").get() as unknown,
          durability,
        );
      assertEquals(await levelOf(), [LEVELS[synchronous]]);
      // What a crash of the machine makes void anyway, such as leases.
      assertEquals(await levelOf("process"), [LEVELS.NORMAL]);
      assertEquals(await levelOf("full"), [LEVELS[synchronous]]);
      client.close();
    }));
}
