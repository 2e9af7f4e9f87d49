/**
 * What is answered about everything together.
 *
 * @module
 */

import { z } from "zod";
import type {
  Attention,
  History,
  Overview,
} from "../../data/types/overview.ts";
import {
  count,
  instant,
  instantOrNull,
  named,
  span,
  spanOrNull,
  textOrNull,
} from "./named.ts";
import { queueList, workerList } from "./places.ts";
import { taskCounts, taskRow } from "./tasks.ts";

/** A history. */
export const history: z.ZodType<History> = named(
  "History",
  z.object({
    step: span,
    points: z.array(z.object({
      at: instant,
      succeeded: count,
      failed: count,
      retried: count,
      revoked: count,
      waitP50: spanOrNull,
      waitP95: spanOrNull,
      runP50: spanOrNull,
      runP95: spanOrNull,
    })),
  }),
);

const attention: z.ZodType<Attention> = named(
  "Attention",
  z.object({
    rule: z.string(),
    severity: z.enum(["high", "medium", "low"]),
    subject: z.object({
      kind: z.enum(["queue", "worker", "task", "schedule", "dead", "store"]),
      name: z.string(),
    }),
    text: z.string(),
    since: instantOrNull,
  }),
);

const rate = z.number().nullable().describe("Per second");

/** What the first page shows. */
export const overview: z.ZodType<Overview> = named(
  "Overview",
  z.object({
    at: instant,
    store: z.object({ kind: z.string(), address: z.string() }),
    attention: z.array(attention),
    counts: taskCounts,
    totals: z.object({
      queued: count,
      scheduled: count,
      running: count,
      slots: count,
      deadLetters: count.nullable(),
      succeededRate: rate,
      failedRate: rate,
    }),
    history,
    queues: queueList,
    workers: workerList,
    running: z.array(taskRow),
    failures: z.array(taskRow),
    beat: textOrNull.describe("The node name of the beat that leads"),
  }),
);
