/**
 * graphile-worker as a contestant, with the preset of its own performance
 * test.
 *
 * @module
 */

import { Logger, makeWorkerUtils, run } from "graphile-worker";
import { drive } from "../drivers/driver.mjs";

const TASK = "noop";
const logger = new Logger(() => (level, message) => {
  if (level === "error") console.error(message);
});

function preset({ url }, concurrency) {
  return {
    worker: {
      connectionString: url,
      concurrentJobs: concurrency,
      maxPoolSize: concurrency + 1,
      localQueue: { size: 500, refetchDelay: { durationMs: 10 } },
      completeJobBatchDelay: 0,
      failJobBatchDelay: 0,
      logger,
    },
  };
}

async function produce({ url }) {
  const utils = await makeWorkerUtils({
    connectionString: url,
    maxPoolSize: 10,
    logger,
  });
  await utils.migrate();
  return {
    add: (payload) => utils.addJob(TASK, payload),
    addMany: (payloads) =>
      utils.addJobs(
        payloads.map((payload) => ({ identifier: TASK, payload })),
      ),
  };
}

async function work(settings, ran) {
  await run({
    preset: preset(settings, Number(settings.variant)),
    noHandleSignals: true,
    taskList: {
      [TASK]: (payload) => {
        ran(payload);
        return Promise.resolve();
      },
    },
  });
}

await drive({ produce, work });
