/**
 * What the parameters of addresses may be.
 *
 * @module
 */

import { z } from "zod";

const text = (most: number) => z.string().min(1).max(most).optional();

/** A point in time: epoch milliseconds, or a text of ISO 8601. */
const instant = z.string().transform((given, c) => {
  const at = /^\d+$/.test(given) ? Number(given) : Date.parse(given);
  if (Number.isFinite(at)) return at;
  c.addIssue("must be epoch milliseconds or a time in ISO form");
  return z.NEVER;
}).optional();

const limit = z.coerce.number().int().min(1).max(1_000).optional();
const cursor = text(1_000);

/** A page. */
export const pageQuery = z.object({ limit, cursor });

/** Which tasks. */
export const tasksQuery = z.object({
  state: text(200).describe("States, separated by commas"),
  name: text(255).describe("The name of the task; * is any text"),
  queue: text(255),
  worker: text(255),
  id: text(255),
  text: text(500).describe("Text in arguments, result or error"),
  since: instant,
  until: instant,
  sort: z.enum([
    ...["time", "name", "state", "queue", "worker"] as const,
    ...["runtime", "waited", "retries"] as const,
  ]).optional(),
  direction: z.enum(["asc", "desc"]).optional(),
  limit,
  cursor,
});

/** Which history. */
export const historyQuery = z.object({
  span: z.coerce.number().int().min(60_000).optional()
    .describe("How far back, in ms"),
  task: text(255),
  queue: text(255),
});

/** Which schedule to try. */
export const previewQuery = z.object({
  schedule: z.string().min(1).max(255),
  timezone: text(100),
});

/** Nothing. */
export const noQuery = z.object({});
