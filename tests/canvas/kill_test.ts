/**
 * kill -9 of workers while they are at random canvases: every canvas ends as
 * if nothing had happened, and every task of it completes once.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import type { Lovage } from "@lovage/lovage";
import fc from "fast-check";
import { Servers, serversTest, startWorker } from "../app/fixtures/servers.ts";
import type { FlowServer } from "../chaos/fixtures/flow.ts";
import { onEachServer } from "../chaos/fixtures/servers.ts";
import { sqliteFile } from "../chaos/fixtures/sqlite_file.ts";
import type { WorkerProcess } from "../cli/fixtures/processes.ts";
import { comesTrue } from "../_polling.ts";
import { shapes } from "./arbitraries.ts";
import {
  compareAll,
  countEnds,
  endedTasks,
  sendAll,
  type SentCanvas,
} from "./comparison.ts";
import { canvasApp } from "./fixtures/canvas_app.ts";

const CANVASES = 30;
const KILLS = 8;
/** How long all may take (ms). */
const PATIENCE = 120_000;

const WORKER = new URL("./fixtures/worker_app.ts", import.meta.url).href;

/** Where tasks wait, and where their results are. */
interface Stores {
  readonly brokerUrl: string;
  readonly resultBackend?: string;
}

onEachServer("killed workers break no canvas", killAndCount);

Deno.test("killed workers break no canvas (sqlite)", async () => {
  await using file = await sqliteFile();
  await killAndCount(file);
});

const servers = new Servers();

// Here tasks may complete again: what follows is under the same ids.
serversTest("killed workers break no canvas (redis and postgres)", async () => {
  const stores = {
    brokerUrl: await servers.newRedis(),
    resultBackend: await servers.newPostgres(),
  };
  await using app = canvasApp(stores);
  await killWorkers(app, stores);
});

async function killAndCount(server: FlowServer): Promise<void> {
  const stores = { brokerUrl: server.url };
  await using app = canvasApp(stores);
  // Makes the tables.
  await app.results.countByState();
  await server.watch();
  await killWorkers(app, stores);
  const completions = await server.completions();
  const repeated = [...completions].filter(([, count]) => count !== 1);
  assertEquals(repeated, []);
  const ended = await endedTasks(app);
  assertEquals(ended.filter(({ id }) => !completions.has(id)), []);
}

async function killWorkers(app: Lovage, stores: Stores): Promise<void> {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const drawn = fc.sample(shapes, { numRuns: CANVASES, seed });
  const canvases = await sendAll(app, drawn);
  for (let kill = 1; kill <= KILLS; kill++) {
    const worker = await startOne(stores);
    try {
      await reached(app, goalOf(kill, canvases));
    } finally {
      await worker.end();
    }
  }
  const last = await startOne(stores);
  try {
    const compared = await compareAll(app, canvases, new Map(), PATIENCE);
    for (const { shape, actual, expected } of compared) {
      const said = `Seed ${seed}: ${JSON.stringify(shape)}`;
      assertEquals(actual.result, expected.result, said);
      assertEquals(actual.ends, expected.ends, said);
    }
  } finally {
    await last.end();
  }
  const lost = (await endedTasks(app)).filter(({ losses }) => losses > 0);
  assert(lost.length > 0, "no lease was lost");
}

function startOne(stores: Stores): Promise<WorkerProcess> {
  const { brokerUrl, resultBackend } = stores;
  const env = {
    LOVAGE_BROKER_URL: brokerUrl,
    ...(resultBackend === undefined
      ? {}
      : { LOVAGE_RESULT_BACKEND: resultBackend }),
  };
  return startWorker(WORKER, env, "--pool", "async");
}

/** A random number of tasks; each is more than the one before. */
function goalOf(kill: number, canvases: readonly SentCanvas[]): number {
  const step = countEnds(canvases) / (KILLS + 2);
  return Math.floor(step * (kill - Math.random()));
}

/** Polls, because what is waited for happens in processes that are killed. */
async function reached(app: Lovage, goal: number): Promise<void> {
  let ended = 0;
  const isReached = async () => {
    const { SUCCESS = 0, FAILURE = 0 } = await app.results.countByState();
    ended = SUCCESS + FAILURE;
    return ended > goal;
  };
  if (await comesTrue(isReached, PATIENCE)) return;
  throw new Error(`Only ${ended} of ${goal} tasks have ended`);
}
