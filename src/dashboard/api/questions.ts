/**
 * What programs can ask for: one table for routes and OpenAPI document.
 *
 * @module
 */

import type { z } from "zod";
import type { DashboardData } from "../data/types/data.ts";
import { history, overview } from "./answers/overview.ts";
import {
  queueList,
  queueRow,
  workerDetail,
  workerList,
} from "./answers/places.ts";
import {
  deadPage,
  deadRow,
  scheduleDetail,
  schedulePage,
  schedulePreview,
} from "./answers/schedules.ts";
import {
  taskCounts,
  taskDetail,
  taskExplanation,
  taskNames,
  taskPage,
  taskTree,
} from "./answers/tasks.ts";
import { type Operation, operation, type Operations } from "./operation.ts";
import {
  deadQuery,
  historyQuery,
  noQuery,
  previewQuery,
  schedulesQuery,
  tasksQuery,
} from "./query.ts";

/** A question to the data room. */
interface Question<Query, Answer> {
  readonly summary: string;
  readonly query: z.ZodType<Query>;
  readonly answer: z.ZodType<Answer>;
  ask(data: DashboardData, query: Query, name: string): Promise<Answer | null>;
}

function question<Query, Answer>(
  { summary, query, answer, ask }: Question<Query, Answer>,
): Operation {
  return operation({
    summary,
    method: "get",
    input: query,
    answer,
    run: ({ data }, given, name) => ask(data, given, name),
  });
}

/** All questions. */
export const QUESTIONS: Operations = {
  "/api/v1/overview": question({
    summary: "What the first page shows",
    query: noQuery,
    answer: overview,
    ask: (data) => data.overview(),
  }),
  "/api/v1/history": question({
    summary: "Throughput, failures and latency over time",
    query: historyQuery,
    answer: history,
    ask: (data, query) => data.history(query),
  }),
  "/api/v1/tasks": question({
    summary: "A page of tasks, the latest first",
    query: tasksQuery,
    answer: taskPage,
    ask: (data, query) => data.tasks(query),
  }),
  "/api/v1/counts": question({
    summary: "How many tasks are in which state",
    query: noQuery,
    answer: taskCounts,
    ask: (data) => data.counts(),
  }),
  "/api/v1/names": question({
    summary: "The names of tasks that are known",
    query: noQuery,
    answer: taskNames,
    ask: (data) => data.taskNames(),
  }),
  "/api/v1/tasks/{id}": question({
    summary: "One task, by its id",
    query: noQuery,
    answer: taskDetail,
    ask: (data, _, id) => data.task(id),
  }),
  "/api/v1/tasks/{id}/tree": question({
    summary: "The canvas that a task is part of",
    query: noQuery,
    answer: taskTree,
    ask: (data, _, id) => data.tree(id),
  }),
  "/api/v1/tasks/{id}/explain": question({
    summary: "Why a task is where it is",
    query: noQuery,
    answer: taskExplanation,
    ask: (data, _, id) => data.explain(id),
  }),
  "/api/v1/queues": question({
    summary: "The queues, by name",
    query: noQuery,
    answer: queueList,
    ask: (data) => data.queues(),
  }),
  "/api/v1/queues/{name}": question({
    summary: "One queue",
    query: noQuery,
    answer: queueRow,
    ask: (data, _, name) => data.queue(name),
  }),
  "/api/v1/workers": question({
    summary: "The workers, by name",
    query: noQuery,
    answer: workerList,
    ask: (data) => data.workers(),
  }),
  "/api/v1/workers/{name}": question({
    summary: "One worker, and what it answers itself",
    query: noQuery,
    answer: workerDetail,
    ask: (data, _, name) => data.worker(name),
  }),
  "/api/v1/schedules": question({
    summary: "A page of schedule entries, by name",
    query: schedulesQuery,
    answer: schedulePage,
    ask: (data, query) => data.schedules(query),
  }),
  "/api/v1/schedules/{name}": question({
    summary: "One schedule entry, its next times and its latest runs",
    query: noQuery,
    answer: scheduleDetail,
    ask: (data, _, name) => data.schedule(name),
  }),
  "/api/v1/preview": question({
    summary: "The next times of a schedule that is not stored",
    query: previewQuery,
    answer: schedulePreview,
    ask: (data, query) => data.previewSchedule(query),
  }),
  "/api/v1/dead": question({
    summary: "A page of dead letters, the latest first",
    query: deadQuery,
    answer: deadPage,
    ask: (data, query) => data.deadLetters(query),
  }),
  "/api/v1/dead/{key}": question({
    summary: "One dead letter, by its key",
    query: noQuery,
    answer: deadRow,
    ask: (data, _, key) => data.deadLetter(key),
  }),
};
