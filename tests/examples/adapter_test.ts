/**
 * The example of a store of one's own: it passes the suites over SQLite, and
 * nothing that tasks say can be found in the file.
 */

import { assert, assertEquals } from "@std/assert";
import { Lovage } from "@lovage/lovage";
import { testStore } from "@lovage/lovage/conformance";
import { memoryStore } from "@lovage/lovage/memory";
import { sqliteStore } from "@lovage/lovage/sqlite";
import { encryptedStore } from "../../examples/adapter/encrypted_store.ts";

const KEY = newKey();

/** What it does not do, and why. */
const DEVIATIONS: Readonly<Record<string, string>> = {
  "results: a query takes a part of the text, case aside":
    "the values of results cannot be searched",
};

testStore({
  test: (name, fn, skip) => {
    const reason = skip ?? DEVIATIONS[name];
    Deno.test({
      name: `encrypted ${name}${reason === undefined ? "" : ` (${reason})`}`,
      fn,
      ignore: reason !== undefined,
    });
  },
  fresh: async () => {
    const path = await Deno.makeTempDir({ prefix: "lovage-encrypted-" });
    return {
      store: (options) =>
        encryptedStore(
          sqliteStore({ ...options, path: `${path}/q.db` }),
          KEY,
        ),
      dispose: () => Deno.remove(path, { recursive: true }),
    };
  },
});

Deno.test("encrypted: nothing that tasks say is in the file", async () => {
  const path = await Deno.makeTempDir({ prefix: "lovage-encrypted-" });
  const file = `${path}/q.db`;
  try {
    const store = encryptedStore(sqliteStore({ path: file }), KEY);
    await using app = new Lovage("shop", { store });
    const shout = app.task("shout", (text: string) => text.toUpperCase());
    await app.schedules.add("often", {
      task: shout.s("hidden-entry"),
      schedule: 3_600,
    });
    const waits = await shout.applyAsync(["hidden-argument"], {
      countdown: "1h",
    });
    const result = await shout.delay("hidden-result");
    assertEquals((await app.drain()).ended, { success: 1 });
    assertEquals(await result.get(), "HIDDEN-RESULT");
    const bytes = [];
    for await (const { name } of Deno.readDir(path)) {
      bytes.push(await Deno.readTextFile(`${path}/${name}`).catch(() => ""));
      bytes.push(
        new TextDecoder("latin1").decode(
          await Deno.readFile(`${path}/${name}`),
        ),
      );
    }
    const text = bytes.join("\n");
    assert(text.includes(waits.id), "it reads the right file");
    assert(!/hidden-/i.test(text));
  } finally {
    await Deno.remove(path, { recursive: true });
  }
});

Deno.test("encrypted: what the key does not fit becomes a dead letter", async () => {
  const name = crypto.randomUUID();
  const open = (key: string) =>
    new Lovage("shop", { store: encryptedStore(memoryStore({ name }), key) });
  await using app = open(KEY);
  await app.sendTask("shout", ["x"], { taskId: "sealed" });
  await using other = open(newKey());
  const shout = other.task("shout", (text: string) => text);
  const fine = await shout.delay("y");
  await other.drain();
  assertEquals(await fine.get(), "y");
  assertEquals(await other.AsyncResult("sealed").state(), "FAILURE");
});

function newKey(): string {
  return btoa(
    String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))),
  );
}
