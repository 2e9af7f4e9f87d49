/**
 * pg-boss as a contestant, with batches and notifications.
 *
 * @module
 */

import { PgBoss } from "pg-boss";
import { drive } from "../drivers/driver.mjs";

const QUEUE = "bench";

async function open({ url, notify }) {
  const boss = new PgBoss({
    connectionString: url,
    max: 10,
    ...(notify ? { useListenNotify: true } : {}),
  });
  boss.on("error", (error) => console.error(error));
  await boss.start();
  const queue = await boss.getQueue(QUEUE);
  if (queue === null || queue === undefined) {
    await boss.createQueue(QUEUE, notify ? { notify: true } : {});
  }
  return boss;
}

async function produce(settings) {
  const boss = await open(settings);
  return {
    add: (payload) => boss.send(QUEUE, payload),
    addMany: (payloads) =>
      boss.insert(QUEUE, payloads.map((data) => ({ data }))),
  };
}

async function work(settings, ran) {
  const boss = await open(settings);
  const [localConcurrency, batchSize] = settings.variant.split(" x ")
    .map(Number);
  await boss.work(
    QUEUE,
    {
      batchSize,
      localConcurrency,
      pollingIntervalSeconds: 0.5,
      burstWhenBatchFull: true,
    },
    (jobs) => {
      for (const { data } of jobs) ran(data);
      return Promise.resolve();
    },
  );
}

await drive({ produce, work });
