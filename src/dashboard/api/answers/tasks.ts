/**
 * What is answered about tasks.
 *
 * @module
 */

import { z } from "zod";
import type {
  ErrorFacts,
  TaskCounts,
  TaskDetail,
  TaskExplanation,
  TaskPage,
  TaskRow,
} from "../../data/types/tasks.ts";
import type { TaskTree, TreeItem } from "../../data/types/tree.ts";
import {
  count,
  counts,
  cursor,
  instant,
  instantOrNull,
  named,
  spanOrNull,
  textOrNull,
  values,
} from "./named.ts";

const row = {
  id: z.string(),
  name: z.string().describe("Empty when it is not known"),
  state: z.string().describe(
    "PENDING, RECEIVED, STARTED, RETRY, SUCCESS, FAILURE, REVOKED, a custom state, or SCHEDULED: it waits for its eta",
  ),
  queue: textOrNull,
  worker: textOrNull.describe("The node name of the worker that has or had it"),
  args: textOrNull.describe("Arguments as JSON text, cut"),
  result: textOrNull.describe("The result as JSON text, cut"),
  error: textOrNull.describe("The error, `name: message`, cut"),
  retries: count.describe("Retries before this state"),
  sentAt: instantOrNull,
  receivedAt: instantOrNull,
  startedAt: instantOrNull,
  endedAt: instantOrNull,
  updatedAt: instantOrNull.describe("When this state was reached"),
  eta: instantOrNull,
  waited: spanOrNull.describe("From the first sending to the run, in ms"),
  runtime: spanOrNull.describe("How long it ran, or runs so far, in ms"),
};

/** A task in a list. */
export const taskRow: z.ZodType<TaskRow> = named("TaskRow", z.object(row));

/** A page of tasks. */
export const taskPage: z.ZodType<TaskPage> = named(
  "TaskPage",
  z.object({
    tasks: z.array(taskRow),
    cursor,
    cut: z.boolean().describe(
      "Whether the search was cut short to answer in time; the cursor goes on",
    ),
    searchedTo: instantOrNull.describe("How far back was looked, if cut"),
    sortedLatest: z.boolean().describe(
      "Whether only the latest 1,000 that fit were sorted",
    ),
  }),
);

/** How many tasks are in which state. */
export const taskCounts: z.ZodType<TaskCounts> = named(
  "TaskCounts",
  z.object({
    states: counts.nullable().describe("By state; null while being counted"),
    at: instant,
  }),
);

const errorFacts: z.ZodType<ErrorFacts> = named(
  "ErrorFacts",
  z.object({
    name: z.string(),
    message: z.string(),
    stack: textOrNull,
    get cause(): z.ZodType<ErrorFacts | null> {
      return errorFacts.nullable();
    },
  }),
);

/** Everything about one task. */
export const taskDetail: z.ZodType<TaskDetail> = named(
  "TaskDetail",
  z.object({
    ...row,
    argsJson: textOrNull.describe("Arguments as JSON text, as far as kept"),
    kwargsJson: textOrNull.describe("Keyword arguments as JSON text"),
    argsCut: z.boolean().describe("Whether the arguments were cut"),
    resultJson: textOrNull.describe("The result, or a custom state's metadata"),
    failure: errorFacts.nullable(),
    timeline: z.array(z.object({ state: z.string(), at: instant })),
    headers: values.nullable(),
    priority: z.int().min(0).max(9).nullable(),
    expires: instantOrNull,
    softTimeLimit: spanOrNull,
    timeLimit: spanOrNull,
    losses: count.describe("Workers that were lost with it"),
    cancelled: z.boolean().describe("Whether it was revoked and has not ended"),
    recordExpiresAt: instantOrNull,
    rootId: z.string(),
    parentId: textOrNull,
    groupId: textOrNull,
    origin: textOrNull.describe("The node that sent it"),
    can: z.object({
      retry: z.boolean(),
      rerun: z.boolean(),
      revoke: z.boolean(),
      terminate: z.boolean(),
    }).describe("What can be done with it now"),
  }),
);

const treeItem: z.ZodType<TreeItem> = named(
  "TreeItem",
  z.union([
    z.object({
      kind: z.literal("task"),
      id: z.string(),
      name: textOrNull,
      state: z.string(),
      runtime: spanOrNull,
      error: textOrNull,
      asked: z.boolean().describe("Whether it is the task that was asked for"),
      body: z.boolean().describe("Whether it takes the results of a group"),
      get children(): z.ZodArray<z.ZodType<TreeItem>> {
        return z.array(treeItem);
      },
    }),
    z.object({
      kind: z.literal("group"),
      id: z.string(),
      get children(): z.ZodArray<z.ZodType<TreeItem>> {
        return z.array(treeItem);
      },
    }),
  ]),
);

/** The canvas that a task is part of. */
export const taskTree: z.ZodType<TaskTree> = named(
  "TaskTree",
  z.object({
    tree: z.array(treeItem),
    more: count.describe("How many tasks are known of that are not in it"),
  }),
);

/** Why a task is where it is. */
export const taskExplanation: z.ZodType<TaskExplanation> = named(
  "TaskExplanation",
  z.object({
    where: z.string(),
    sentences: z.array(z.string()),
    lines: z.array(z.object({
      gate: z.string().nullable(),
      state: z.enum(["passed", "holding", "unknown"]).nullable(),
      sentence: z.string(),
    })).describe("The same with the gates that each is about"),
    cures: z.array(z.string()).describe("Commands that may help"),
  }),
);

/** The names of tasks. */
export const taskNames: z.ZodType<readonly string[]> = named(
  "TaskNames",
  z.array(z.string()),
);
