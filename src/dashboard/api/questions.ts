/**
 * What programs can ask for: one table for routes and OpenAPI document.
 *
 * @module
 */

import type { z } from "zod";
import type { DashboardData } from "../data/types.ts";
import {
  historyQuery,
  noQuery,
  pageQuery,
  previewQuery,
  tasksQuery,
} from "./query.ts";

/** A question. */
export interface Question<Query = never> {
  /** What it answers, in a line. */
  readonly summary: string;
  /** Its parameters. */
  readonly query: z.ZodType<Query>;
  /** The answer; `null` when there is no such thing. */
  answer(data: DashboardData, query: Query, name: string): Promise<unknown>;
}

function question<Query>(given: Question<Query>): Question {
  return given as unknown as Question;
}

/** All questions, by their paths; `{name}` stands for one part of it. */
export const QUESTIONS: Readonly<Record<string, Question>> = {
  "/overview": question({
    summary: "What the first page shows",
    query: noQuery,
    answer: (data) => data.overview(),
  }),
  "/history": question({
    summary: "Throughput, failures and latency over time",
    query: historyQuery,
    answer: (data, query) => data.history(query),
  }),
  "/tasks": question({
    summary: "A page of tasks, the latest first",
    query: tasksQuery,
    answer: (data, query) => data.tasks(query),
  }),
  "/counts": question({
    summary: "How many tasks are in which state",
    query: noQuery,
    answer: (data) => data.counts(),
  }),
  "/names": question({
    summary: "The names of tasks that are known",
    query: noQuery,
    answer: (data) => data.taskNames(),
  }),
  "/tasks/{name}": question({
    summary: "One task, by its id",
    query: noQuery,
    answer: (data, _, id) => data.task(id),
  }),
  "/tasks/{name}/tree": question({
    summary: "The canvas that a task is part of",
    query: noQuery,
    answer: (data, _, id) => data.tree(id),
  }),
  "/tasks/{name}/explain": question({
    summary: "Why a task is where it is",
    query: noQuery,
    answer: (data, _, id) => data.explain(id),
  }),
  "/queues": question({
    summary: "The queues, by name",
    query: noQuery,
    answer: (data) => data.queues(),
  }),
  "/queues/{name}": question({
    summary: "One queue",
    query: noQuery,
    answer: (data, _, name) => data.queue(name),
  }),
  "/workers": question({
    summary: "The workers, by name",
    query: noQuery,
    answer: (data) => data.workers(),
  }),
  "/workers/{name}": question({
    summary: "One worker, and what it answers itself",
    query: noQuery,
    answer: (data, _, name) => data.worker(name),
  }),
  "/schedules": question({
    summary: "A page of schedule entries, by name",
    query: pageQuery,
    answer: (data, query) => data.schedules(query),
  }),
  "/schedules/{name}": question({
    summary: "One schedule entry, its next times and its latest runs",
    query: noQuery,
    answer: (data, _, name) => data.schedule(name),
  }),
  "/preview": question({
    summary: "The next times of a schedule that is not stored",
    query: previewQuery,
    answer: (data, query) => data.previewSchedule(query),
  }),
  "/dead": question({
    summary: "A page of dead letters, the latest first",
    query: pageQuery,
    answer: (data, query) => data.deadLetters(query),
  }),
  "/dead/{name}": question({
    summary: "One dead letter, by its key",
    query: noQuery,
    answer: (data, _, key) => data.deadLetter(key),
  }),
};
