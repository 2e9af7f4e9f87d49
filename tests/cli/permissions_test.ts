/**
 * The permissions that docs/production.md names: each process runs with these
 * and no others.
 */

import { freePort } from "../adapters/fixtures/free_port.ts";
import { assert, assertEquals } from "@std/assert";
import {
  startPostgres,
  whyNoPostgres,
} from "../adapters/fixtures/postgres_server.ts";
import {
  missing as whyNoRedis,
  startRedis,
} from "../adapters/fixtures/redis_server.ts";
import { ownApp } from "./fixtures/own_app.ts";
import { type WorkerProcess, Workplace } from "./fixtures/processes.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

const PG_ENV = [
  "PGPASSWORD",
  "PGSSL",
  "PGSSLNEGOTIATION",
  "PGIDLE_TIMEOUT",
  "PGKEEP_ALIVE",
  "PGDEBUG",
  "PGPUBLICATIONS",
  "PGTARGET_SESSION_ATTRS",
  "PGAPPNAME",
  "PGTARGETSESSIONATTRS",
];

interface Needs {
  readonly net: readonly string[];
  readonly env: readonly string[];
  readonly write: boolean;
}

interface Kind {
  readonly name: string;
  readonly missing: string | undefined;
  readonly serve: () => Promise<{ url: string; stop: () => Promise<void> }>;
  readonly needs: (url: string) => Needs;
}

const KINDS: readonly Kind[] = [
  {
    name: "SQLite",
    missing: undefined,
    serve: () =>
      Promise.resolve({
        url: "sqlite://./q.db",
        stop: () => Promise.resolve(),
      }),
    needs: () => ({ net: [], env: [], write: true }),
  },
  {
    name: "Redis",
    missing: whyNoRedis,
    serve: startRedis,
    needs: (url) => ({ net: [new URL(url).host], env: [], write: false }),
  },
  {
    name: "PostgreSQL",
    missing: whyNoPostgres(),
    serve: async () => {
      const server = await startPostgres();
      return { url: server.url(), stop: () => server.dispose() };
    },
    needs: (url) => ({ net: [new URL(url).host], env: PG_ENV, write: false }),
  },
];

/** The flags of a process in a place, with what it needs beside its store. */
function flags(
  place: Workplace,
  store: Needs,
  more: { net?: string[]; env?: string[]; run?: string[] } = {},
): string[] {
  const net = [...store.net, ...more.net ?? []];
  const env = [...store.env, ...more.env ?? []];
  return [
    `--allow-read=${place.path},${ROOT}`,
    ...(store.write ? [`--allow-write=${place.path}`] : []),
    ...(net.length > 0 ? [`--allow-net=${net.join(",")}`] : []),
    ...(env.length > 0 ? [`--allow-env=${env.join(",")}`] : []),
    ...(more.run === undefined ? [] : [`--allow-run=${more.run.join(",")}`]),
  ];
}

/** Ends it; it has complained of no permission. */
async function end(process: WorkerProcess): Promise<void> {
  process.kill("SIGTERM");
  assertEquals((await process.status()).code, 0, process.stderr.join("\n"));
  const said = [...process.stdout, ...process.stderr].join("\n");
  assert(!/Requires \w+ access|NotCapable| ERROR /.test(said), said);
}

for (const { name, missing, serve, needs } of KINDS) {
  Deno.test({
    name: `${name}: each process runs with the permissions that it needs`,
    ignore: missing !== undefined,
    fn: async () => {
      const server = await serve();
      try {
        await using place = new Workplace({
          LOVAGE_GATEWAY_TOKENS: JSON.stringify([
            { name: "shop", token: "a-token-of-the-shop" },
          ]),
        });
        const store = needs(server.url);
        const app = ownApp(
          place,
          `{ brokerUrl: "${server.url}", beatSchedule: { often: { task: "math.add", schedule: 1, args: [1, 1] } } }`,
        );
        for (const pool of ["async", "isolate"]) {
          place.permissions = flags(
            place,
            store,
            pool === "async"
              ? {}
              : { env: ["NODE_V8_COVERAGE"], run: [Deno.execPath()] },
          );
          const worker = place.launch(
            ...["worker", "--app", app, "-c", "1", "-P", pool],
          );
          await worker.line(/is ready/);
          place.permissions = flags(place, store);
          const { stdout, stderr } = await place.run(app);
          assertEquals([stdout, stderr], ["3\n", ""]);
          await end(worker);
        }
        const beat = place.launch("beat", "--app", app);
        await beat.line(/Sent often@/);
        await end(beat);
        for (const command of ["dashboard", "gateway"]) {
          const address = `127.0.0.1:${freePort()}`;
          place.permissions = flags(place, store, {
            net: [address],
            env: command === "gateway" ? ["LOVAGE_GATEWAY_TOKENS"] : [],
          });
          const serving = place.launch(
            ...[command, "--app", app, "--port", address.split(":")[1] ?? ""],
          );
          await serving.line(/is at http/);
          const response = await fetch(`http://${address}/`);
          await response.body?.cancel();
          assert(response.status < 500, `${response.status}`);
          await end(serving);
        }
      } finally {
        await server.stop();
      }
    },
  });
}
