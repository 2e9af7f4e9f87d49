/**
 * What is answered about schedules and dead letters.
 *
 * @module
 */

import { z } from "zod";
import type { DeadPage, DeadRow } from "../../data/types/dead.ts";
import type {
  ScheduleDetail,
  SchedulePage,
  SchedulePreview,
  ScheduleRow,
} from "../../data/types/schedules.ts";
import {
  count,
  cursor,
  instant,
  instantOrNull,
  named,
  textOrNull,
  values,
} from "./named.ts";
import { taskRow } from "./tasks.ts";

const spec: z.ZodType<ScheduleRow["spec"]> = named(
  "ScheduleSpec",
  z.looseObject({
    kind: z.enum(["crontab", "cron", "interval", "clocked", "solar"]),
  }) as unknown as z.ZodType<ScheduleRow["spec"]>,
);

const row = {
  name: z.string(),
  task: z.string(),
  args: z.string().describe("Arguments as JSON text"),
  kwargs: textOrNull.describe("Keyword arguments as JSON text"),
  spec: spec.describe("When, as data"),
  when: z.string().describe("When, in words"),
  timezone: z.string(),
  enabled: z.boolean(),
  oneOff: z.boolean(),
  description: z.string(),
  fixedBy: textOrNull.describe("The app whose code it is written in"),
  lastRunAt: instantOrNull,
  lastTaskId: textOrNull,
  totalRuns: count,
  skippedRuns: count.describe("Left out: the task before was not over"),
  missedRuns: count.describe("Left out: no beat ran"),
  nextRunAt: instantOrNull,
};

const scheduleRow: z.ZodType<ScheduleRow> = named("Schedule", z.object(row));

/** A page of schedule entries. */
export const schedulePage: z.ZodType<SchedulePage> = named(
  "SchedulePage",
  z.object({
    schedules: z.array(scheduleRow),
    cursor,
    leader: textOrNull.describe("The node name of the beat that leads"),
  }),
);

/** Everything about one schedule entry. */
export const scheduleDetail: z.ZodType<ScheduleDetail> = named(
  "ScheduleDetail",
  z.object({
    ...row,
    options: values.describe("How it is sent: queue, priority and so on"),
    startAt: instantOrNull,
    endAt: instantOrNull,
    catchUp: z.string(),
    catchUpLimit: count,
    overlap: z.string(),
    next: z.array(instant).describe("The next ten times"),
    runs: z.array(taskRow).describe("Its latest runs that are still known"),
  }),
);

/** What a schedule would do. */
export const schedulePreview: z.ZodType<SchedulePreview> = named(
  "SchedulePreview",
  z.object({
    when: z.string(),
    next: z.array(instant),
    error: textOrNull.describe("Why it will not do; null when it will"),
  }),
);

/** A dead letter. */
export const deadRow: z.ZodType<DeadRow> = named(
  "DeadLetter",
  z.object({
    key: z.string(),
    id: z.string().describe("The id of the task"),
    name: z.string(),
    queue: z.string(),
    reason: z.string().describe("The name of an error class"),
    detail: z.string(),
    losses: count,
    diedAt: instant,
    message: z.string().describe("Its message as text, cut"),
  }),
);

/** A page of dead letters. */
export const deadPage: z.ZodType<DeadPage> = named(
  "DeadPage",
  z.object({ letters: z.array(deadRow), cursor }),
);
