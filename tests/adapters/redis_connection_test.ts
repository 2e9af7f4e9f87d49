/** A connection that is made when it is needed, and ended whatever it does. */

import { assertEquals, assertRejects } from "@std/assert";
import { Redis } from "ioredis";
import { Connection, within } from "../../adapters/redis/connection.ts";
import type { Driver } from "../../adapters/redis/driver.ts";
import { Latch, untyped } from "../_helpers.ts";
import { serverTest, withServer } from "./fixtures/redis_server.ts";

/** A driver that connects, fails or ends when it is let. */
class SlowDriver {
  status = "connecting";
  readonly connects = new Latch();
  #ended = () => {};

  async connect(): Promise<void> {
    await this.connects.opened;
    this.status = "ready";
  }

  disconnect(): void {
    this.status = "disconnecting";
  }

  on(): void {}

  once(event: string, listener: () => void): void {
    if (event === "end") this.#ended = listener;
  }

  end(): void {
    this.status = "end";
    this.#ended();
  }
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

Deno.test("closing waits for a connection that is being made, and ends it", async () => {
  const driver = new SlowDriver();
  const connection = new Connection(() =>
    Promise.resolve<Driver>(untyped(driver))
  );
  const making = assertRejects(() => connection.get(), Error, "closed");
  const order: string[] = [];
  const closing = connection.close().then(() => order.push("closed"));
  // More turns than closing takes where nothing is left to be waited for.
  await turn();
  order.push("connects");
  driver.connects.open();
  await making;
  await turn();
  order.push(driver.status);
  driver.end();
  await closing;
  assertEquals(order, ["connects", "disconnecting", "closed"]);
});

Deno.test("closing waits for a connection that failed to have ended", async () => {
  const driver = new SlowDriver();
  driver.connect = () => Promise.reject(new Error("refused"));
  const connection = new Connection(() =>
    Promise.resolve<Driver>(untyped(driver))
  );
  await assertRejects(() => connection.get(), Error, "refused");
  const order: string[] = [];
  const closing = connection.close().then(() => order.push("closed"));
  await turn();
  order.push(driver.status);
  driver.end();
  await closing;
  assertEquals(order, ["disconnecting", "closed"]);
});

serverTest(
  "an answer that came while the process stood still is no silence",
  () =>
    withServer(async (server) => {
      const redis = new Redis(server.port, { lazyConnect: true });
      await redis.connect();
      try {
        const answer = within(50, redis.subscribe("news"));
        // As after SIGSTOP and SIGCONT: the timer is late, the answer is there.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
        assertEquals(await answer, 1);
      } finally {
        redis.disconnect();
      }
    }),
);
