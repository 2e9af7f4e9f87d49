/**
 * What the parameters of addresses may be.
 *
 * @module
 */

import { z } from "zod";

/** The latest point in time that a `Date` can hold. */
const LATEST = 8_640_000_000_000_000;
const ISO =
  /^\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/i;

/** Text that is not empty; a NUL is in no name, and no store takes it. */
export function text(most: number): z.ZodString {
  return z.string().min(1).max(most).refine((given) => !given.includes("\0"), {
    message: "must be text without NUL characters",
  });
}

/** A whole number, as text in an address, or as JSON. */
export function whole(
  least: number,
  most: number,
): z.ZodType<number, unknown> {
  return z.preprocess(
    (given) =>
      typeof given === "string" && /^-?\d{1,15}$/.test(given)
        ? Number(given)
        : given,
    z.number().int().min(least).max(most),
  );
}

/** Epoch milliseconds, or a time of ISO 8601. */
const instant = z.string().transform((given, c) => {
  const at = /^\d{1,16}$/.test(given)
    ? Number(given)
    : ISO.test(given)
    ? Date.parse(given)
    : NaN;
  if (at <= LATEST) return at;
  c.addIssue("must be epoch milliseconds or a time in ISO form");
  return z.NEVER;
}).describe("Epoch milliseconds, or a time such as 2026-05-01T12:00:00Z");

const limit = whole(1, 1_000).optional();
const cursorOf = (pattern: RegExp) =>
  text(1_000).regex(pattern, {
    message: "must be the cursor of the page before",
  }).optional().describe("The cursor of the page before");

/** A page of schedules. */
export const schedulesQuery = z.strictObject({
  limit,
  cursor: text(255).optional(),
});

/** A page of dead letters. */
export const deadQuery = z.strictObject({
  limit,
  cursor: cursorOf(/^\d{1,16}$/),
});

/** Which tasks. */
export const tasksQuery = z.strictObject({
  state: text(200).optional().describe("States, separated by commas"),
  name: text(255).optional().describe("The name of the task; * is any text"),
  queue: text(255).optional(),
  worker: text(255).optional(),
  id: text(255).optional(),
  text: text(500).optional()
    .describe("Text in arguments, result or error"),
  since: instant.optional(),
  until: instant.optional(),
  sort: z.enum([
    ...["time", "name", "state", "queue", "worker"] as const,
    ...["runtime", "waited", "retries"] as const,
  ]).optional(),
  direction: z.enum(["asc", "desc"]).optional(),
  limit,
  cursor: cursorOf(/^(\d{1,2}\.|from\d{1,4}$)/),
});

/** Which history. */
export const historyQuery = z.strictObject({
  span: whole(60_000, 90 * 86_400_000).optional()
    .describe("How far back, in ms"),
  task: text(255).optional(),
  queue: text(255).optional(),
});

/** Which schedule to try. */
export const previewQuery = z.strictObject({
  schedule: text(255),
  timezone: text(100).optional(),
});

/** What to listen to. */
export const streamQuery = z.strictObject({
  topics: text(1_000).optional().describe(
    "stats, tasks, queues, workers, attention, schedules, dead, or task:<id>; several are separated by commas. Defaults to all but single tasks",
  ),
});

/** Nothing. */
export const noQuery = z.strictObject({});
