import { assert, assertEquals, assertRejects } from "@std/assert";
import { StoreError } from "../../src/errors.ts";
import { loadStore } from "../../src/runtime/load_store.ts";
import { sqliteQuery } from "../../src/runtime/sqlite_query.ts";
import { systemClock } from "../../src/service/clock.ts";

Deno.test("the URL of a SQLite store carries its options", async () => {
  assertEquals(sqliteQuery("sqlite://./a.db"), {});
  assertEquals(
    sqliteQuery("sqlite://./a.db?synchronous=NORMAL&lockTimeout=500ms#x"),
    { synchronous: "NORMAL", lockTimeout: 500 },
  );
  assertEquals(sqliteQuery("sqlite://a.db?lockTimeout=5"), {
    lockTimeout: 5_000,
  });
  const store = await loadStore(
    "sqlite://./a.db?synchronous=FULL",
    systemClock,
  );
  assertEquals(store.address, "sqlite://./a.db");
});

Deno.test("the URL of a SQLite store that will not do is refused", async () => {
  const refused: readonly (readonly [string, string])[] = [
    [
      "sqlite://./a.db?synchronus=FULL",
      'Unknown parameter "synchronus" of a sqlite:// URL. Did you mean "synchronous"?',
    ],
    [
      "sqlite://./a.db?zzz=1",
      'Unknown parameter "zzz" of a sqlite:// URL. The parameters are: synchronous, lockTimeout',
    ],
    [
      "sqlite://./a.db?synchronous=OFF",
      '"synchronous" of a sqlite:// URL must be FULL or NORMAL, but it is "OFF"',
    ],
    [
      "sqlite://./a.db?lockTimeout=soon",
      '"lockTimeout" of a sqlite:// URL must be a duration: seconds (5), or with a unit (500ms, 5s), but it is "soon"',
    ],
    [
      "sqlite:a.db",
      '"sqlite:a.db" is not the URL of a SQLite store. Write sqlite://a.db',
    ],
    [
      "sqlite:/var/a.db",
      '"sqlite:/var/a.db" is not the URL of a SQLite store. Write sqlite:///var/a.db',
    ],
  ];
  for (const [url, sentence] of refused) {
    const error = await assertRejects(
      () => loadStore(url, systemClock),
      StoreError,
    );
    assertEquals(error.message, sentence);
    assert(!error.transient);
  }
});
