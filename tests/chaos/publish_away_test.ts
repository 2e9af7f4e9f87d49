/**
 * Sending while the server is away follows the publish retry policy, and then
 * says what happened.
 */

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { Lovage, StoreError } from "@lovage/lovage";
import { postgresStore } from "@lovage/lovage/postgres";
import { redisStore } from "@lovage/lovage/redis";
import type { Store } from "../../src/contracts/mod.ts";
import { onEachServer } from "./fixtures/servers.ts";

const PATIENT = { maxRetries: 100, intervalStep: 0.1, intervalMax: 0.1 };

onEachServer(
  "sending while the server is away goes by the policy",
  async (server) => {
    await prepare(server.url);
    await using app = new Lovage("away", { store: impatientStore(server.url) });
    const note = app.task("away.note", (_text: string) => {});
    const first = await note.delay("before");
    await server.crash();
    // On the connection that is not known to be dead yet, there is a doubt.
    await assertRejects(() => note.applyAsync(["lost"], { retry: false }));

    const start = performance.now();
    const error = await assertRejects(
      () => note.applyAsync(["lost"], { retry: false }),
      StoreError,
    );
    assertEquals(error.inDoubt, false);
    assertEquals(performance.now() - start < 900, true, "it fails at once");
    await assertRejects(() => note.delay("lost"), StoreError);

    const sending = note.applyAsync(["after"], { retryPolicy: PATIENT });
    await server.start();
    const last = await sending;
    assertEquals(await waiting(server.url), [first.id, last.id]);
  },
);

onEachServer(
  "what may have arrived is not sent anew by the policy",
  async (server) => {
    await prepare(server.url);
    await using app = new Lovage("away", { store: impatientStore(server.url) });
    const note = app.task("away.note", (_text: string) => {});
    await note.delay("before");
    await server.freeze();
    try {
      const start = performance.now();
      const error = await assertRejects(
        () => note.applyAsync(["in doubt"], { retryPolicy: PATIENT }),
        StoreError,
      );
      assertEquals(error.inDoubt, true);
      assertStringIncludes(error.message, "may have been");
      assertEquals(performance.now() - start < 10_000, true, "it is sent once");
    } finally {
      await server.thaw();
    }
  },
);

/** Makes its tables, which takes longer than an impatient store waits. */
async function prepare(url: string): Promise<void> {
  const store = storeAt(url);
  await store.open();
  await store.close();
}

function storeAt(url: string): Store {
  return url.startsWith("redis") ? redisStore({ url }) : postgresStore({ url });
}

/** A store that gives up soon, but not before a loaded machine answers. */
function impatientStore(url: string): Store {
  return url.startsWith("redis")
    ? redisStore({ url, commandTimeout: 1_000, patience: 2_000 })
    : postgresStore({ url, timeout: 1_000, retryFor: 2_000 });
}

async function waiting(url: string): Promise<readonly string[]> {
  const store = storeAt(url);
  await store.open();
  try {
    const page = await store.inspector.tasks(
      { status: "queued" },
      { limit: 10 },
    );
    return page.items.map(({ id }) => id);
  } finally {
    await store.close();
  }
}
