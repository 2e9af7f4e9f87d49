/**
 * BullMQ as a contestant, on Redis or on PostgreSQL by its URL.
 *
 * @module
 */

import { createPostgresBackend, Queue, QueueEvents, Worker } from "bullmq";
import { drive } from "../drivers/driver.mjs";

const NAME = "bench";

// Jobs that are done are kept, with their results, unless told otherwise.
const options = ({ url, results }) => ({
  ...(url.startsWith("redis:") ? { connection: { url } } : {
    connection: { connectionString: url, migrate: true },
  }),
  ...(results ? {} : { defaultJobOptions: { removeOnComplete: true } }),
});

const backend = ({ url }) =>
  url.startsWith("redis:") ? [] : [createPostgresBackend];

async function produce(settings) {
  const queue = new Queue(NAME, options(settings), ...backend(settings));
  await queue.waitUntilReady();
  let events;
  const listen = async () => {
    events = new QueueEvents(NAME, options(settings), ...backend(settings));
    await events.waitUntilReady();
    return events;
  };
  return {
    add: (payload) => queue.add("noop", payload),
    addMany: (payloads) =>
      queue.addBulk(payloads.map((data) => ({ name: "noop", data }))),
    call: async (payload) => {
      const heard = events ?? await listen();
      const job = await queue.add("noop", payload);
      return await job.waitUntilFinished(heard);
    },
  };
}

async function work(settings, ran) {
  const worker = new Worker(
    NAME,
    (job) => {
      ran(job.data);
      return Promise.resolve(job.data.n);
    },
    {
      ...options(settings),
      concurrency: Number(settings.variant),
      ...(settings.results ? {} : { removeOnComplete: { count: 0 } }),
    },
    ...backend(settings),
  );
  worker.on("error", (error) => console.error(error));
  await worker.waitUntilReady();
}

await drive({ produce, work });
