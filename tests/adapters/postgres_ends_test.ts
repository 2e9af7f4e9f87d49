/**
 * A program that has its results ends by itself: no connection, and nothing
 * that lingers, keeps it alive.
 */

import { assert, assertEquals } from "@std/assert";
import { postgresServer } from "./fixtures/postgres_suite.ts";
import { whyNoPostgres } from "./fixtures/postgres_server.ts";
import { ownApp } from "../cli/fixtures/own_app.ts";
import { Workplace } from "../cli/fixtures/processes.ts";

const reason = whyNoPostgres();
const server = postgresServer();

for (const listen of [true, false]) {
  const what = listen ? "that listens" : "that polls";
  Deno.test({
    name: `postgres: a producer ${what} ends without a close()${
      reason === undefined ? "" : ` (skipped: ${reason})`
    }`,
    ignore: reason !== undefined,
    fn: async () => {
      await using place = new Workplace();
      const url = `${(await server()).url()}?listen=${listen}`;
      const app = ownApp(place, `{ brokerUrl: "${url}" }`);
      const worker = await place.worker("--app", app, "-P", "async");
      const start = performance.now();
      const { code, stdout } = await place.run(app);
      assertEquals([code, stdout], [0, "3\n"]);
      assert(performance.now() - start < 4_000, "It lived on");
      await worker.end();
    },
  });
}
