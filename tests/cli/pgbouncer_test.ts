/**
 * A worker and a producer through PgBouncer in transaction mode.
 */

import { assertEquals, assertMatch } from "@std/assert";
import {
  findPgBouncer,
  type PgBouncer,
  startPgBouncer,
} from "../adapters/fixtures/pgbouncer.ts";
import { postgresServer } from "../adapters/fixtures/postgres_suite.ts";
import { ownApp } from "./fixtures/own_app.ts";
import { Workplace } from "./fixtures/processes.ts";

const { path = "", missing: reason } = await findPgBouncer();
const server = postgresServer();

function test(name: string, fn: (pooler: PgBouncer) => Promise<void>): void {
  Deno.test({
    name: `${name}${reason === undefined ? "" : ` (skipped: ${reason})`}`,
    ignore: reason !== undefined,
    fn: async () => {
      const pooler = await startPgBouncer(path, (await server()).port);
      try {
        await fn(pooler);
      } finally {
        await pooler.dispose();
      }
    },
  });
}

test("tasks run through a pooler, without LISTEN", async (pooler) => {
  await using place = new Workplace();
  const app = ownApp(place, `{ brokerUrl: "${pooler.url}?listen=false" }`);
  const worker = await place.worker("--app", app);
  const { stdout, stderr } = await place.run(app);
  assertEquals([stdout, stderr], ["3\n", ""]);
  worker.kill("SIGTERM");
  assertEquals((await worker.status()).code, 0);
});

test("a pooler is told from a server, and what to write is said", async (pooler) => {
  await using place = new Workplace();
  const worker = place.start("-P", "async", "--broker", pooler.url);
  assertEquals((await worker.status()).code, 69);
  assertMatch(
    worker.stderr.join("\n"),
    /^Error: .* is behind a pooler .*: write \?listen=false into the URL, or `listen: false`$/m,
  );
});
