/**
 * The port on which a worker tells how it is doing, asked while its store
 * goes away and comes back.
 */

import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import {
  missing as whyNoRedis,
  startRedis,
} from "../adapters/fixtures/redis_server.ts";
import { ownApp } from "./fixtures/own_app.ts";
import { type WorkerProcess, Workplace } from "./fixtures/processes.ts";

async function urlOf(worker: WorkerProcess): Promise<string> {
  const line = await worker.line(/^health +http:/);
  return line.replace(/^health +/, "");
}

async function ask(url: string, init: RequestInit = {}): Promise<string> {
  const response = await fetch(url, init);
  return `${response.status} ${(await response.text()).trim()}`;
}

/** Asks until the answer is this. */
async function answers(url: string, pattern: RegExp): Promise<string> {
  const deadline = Date.now() + 30_000;
  while (true) {
    const answer = await ask(url);
    if (pattern.test(answer)) return answer;
    if (Date.now() > deadline) throw new Error(`${url} answers: ${answer}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

Deno.test({
  name: "a health port tells when the store goes away, and when it is back",
  ignore: whyNoRedis !== undefined,
  fn: async () => {
    const redis = await startRedis();
    try {
      await redis.kill();
      await using place = new Workplace();
      const store = `redisStore({ url: "${redis.url}", patience: 100 })`;
      const app = ownApp(place, `{ store: ${store}, workerLease: "1s" }`);
      const worker = place.start(
        ...["-P", "async", "--app", app, "--health-port", "0"],
      );
      const url = await urlOf(worker);
      const [live, ready] = [`${url}/healthz`, `${url}/readyz`];
      assertEquals(await ask(live), "200 ok");
      assertMatch(
        await answers(ready, /: /),
        /^503 The worker has not started yet: The Redis store redis:.* start the server/,
      );
      await redis.start();
      await worker.line(/is ready/);
      assertEquals(await answers(ready, /^200/), "200 ok");

      await redis.kill();
      assertMatch(
        await answers(ready, /^503/),
        /The Redis store redis:.* start the server/,
      );
      assertEquals(await ask(live), "200 ok");
      await redis.start();
      assertEquals(await answers(ready, /^200/), "200 ok");

      worker.kill("SIGTERM");
      assertEquals((await worker.status()).code, 0);
      await assertRejects(() => fetch(live), TypeError);
    } finally {
      await redis.stop();
    }
  },
});

Deno.test("a worker that stops takes no tasks, but lives until it has ended", async () => {
  await using place = new Workplace();
  const worker = await place.worker("--health-port", "0");
  const url = await urlOf(worker);
  await place.lovage("call", "hold", "-a", '["one"]');
  await worker.line(/holding one/);
  await place.lovage("control", "cancel-consumer", "default");
  assertMatch(await answers(`${url}/readyz`, /^503/), /serves no queue/);
  worker.kill("SIGTERM");
  await answers(`${url}/readyz`, /^503 The worker is stopping$/);
  assertEquals(await ask(`${url}/healthz`), "200 ok");
  assertMatch(await ask(`${url}/metrics`), /^404 Ask for \/healthz/);
  assertMatch(await ask(`${url}/healthz`, { method: "POST" }), /^405 Ask by/);
  place.release("one");
  assertEquals((await worker.status()).code, 0);
});

Deno.test("a health port that cannot be is refused before the worker starts", async () => {
  await using place = new Workplace();
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr as Deno.NetAddr;
  const busy = place.start("--health-port", `${port}`);
  await busy.line(
    /Cannot listen on 127\.0\.0\.1, port \d+: .*Choose another with --health-port or --health-address/,
  );
  assertEquals((await busy.status()).code, 1);
  const alone = place.start("--health-address", "0.0.0.0");
  await alone.line(
    /--health-address 0\.0\.0\.0 is of no use without a port: give --health-port/,
  );
  assertEquals((await alone.status()).code, 2);
});
