/** The connection that listens, while its server is away. */

import { EventEmitter } from "node:events";
import type { Driver } from "../../adapters/redis/driver.ts";
import { Subscriber } from "../../adapters/redis/subscriber.ts";
import { Latch, untyped } from "../_helpers.ts";

/** A driver that connects, and can be cut off. */
class Cuttable extends EventEmitter {
  status = "ready";

  connect(): Promise<void> {
    return Promise.resolve();
  }

  subscribe(): Promise<void> {
    return Promise.resolve();
  }

  disconnect(): void {
    this.status = "end";
    this.emit("end");
  }
}

Deno.test("closing ends the pause before the next try to listen again", async () => {
  const first = new Cuttable();
  const tries = new Latch();
  let made = 0;
  const subscriber = new Subscriber(
    untyped({ prefix: "p:", id: "i", address: "redis://x" }),
    untyped({
      make(): Promise<Driver> {
        if (made++ === 0) return Promise.resolve(untyped(first));
        if (made === 6) tries.open();
        return Promise.reject(new Error("away"));
      },
    }),
  );
  // What tries by itself does not hold the process.
  const held = setInterval(() => {}, 1_000);
  await subscriber.subscribe("news", () => {});
  first.disconnect();
  await tries.opened;
  clearInterval(held);
  // By now it pauses for longer than the rest of this test takes: a leak.
  await subscriber.close();
});
