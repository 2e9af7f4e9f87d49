/**
 * A store that is all but full takes one call and refuses the next: a worker
 * says once that it is, and once that it has room again.
 */

import { assertEquals } from "@std/assert";
import { Lovage } from "@lovage/lovage";
import {
  missing as whyNoRedis,
  startRedis,
} from "../adapters/fixtures/redis_server.ts";
import { PATIENCE } from "../_helpers.ts";
import { ownApp } from "./fixtures/own_app.ts";
import { Workplace } from "./fixtures/processes.ts";

Deno.test({
  name: "a worker says once that its store is full, and once that it is not",
  ignore: whyNoRedis !== undefined,
  fn: async () => {
    const redis = await startRedis();
    const limitMemory = (most: string) =>
      redis.cli("config", "set", "maxmemory", most);
    try {
      await using place = new Workplace();
      const settings = `{ brokerUrl: "${redis.url}", workerLease: "8s" }`;
      const worker = place.start(
        ...["-P", "async", "-l", "debug", "--app", ownApp(place, settings)],
      );
      await worker.line(/is ready/);
      await using producer = new Lovage("shop", { brokerUrl: redis.url });
      const add = producer.task("math.add", (a: number, b: number) => a + b);
      const count = (pattern: RegExp) =>
        worker.stderr.filter((line) => pattern.test(line)).length;
      for (let n = 0; n < 3; n++) {
        // A full server lets what was taken come to its end, and gives nothing.
        const result = await add.applyAsync([n, n], { countdown: "1s" });
        await limitMemory("1mb");
        await worker.lines(/is full/, count(/is full/) + 1);
        await limitMemory("0");
        assertEquals(await result.get({ timeout: PATIENCE }), 2 * n);
      }
      await worker.line(/ is back after /);
      worker.kill("SIGTERM");
      assertEquals((await worker.status()).code, 0);
      const counts = [count(/ ERROR .*is full/), count(/ is back after /)];
      assertEquals(counts, [1, 1], worker.stderr.join("\n"));
    } finally {
      await redis.stop();
    }
  },
});
