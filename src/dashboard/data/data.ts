/**
 * The data room: one file for each question.
 *
 * @module
 */

import type { DataSource } from "./source.ts";
import type { DashboardData } from "./types.ts";

/** The answers of a dashboard. */
export function createData(_source: DataSource): DashboardData {
  const notYet = () => Promise.reject(new Error("Not written yet"));
  return {
    overview: notYet,
    history: notYet,
    tasks: notYet,
    counts: notYet,
    taskNames: notYet,
    task: notYet,
    tree: notYet,
    explain: notYet,
    queues: notYet,
    queue: notYet,
    workers: notYet,
    worker: notYet,
    schedules: notYet,
    schedule: notYet,
    previewSchedule: notYet,
    deadLetters: notYet,
    deadLetter: notYet,
  };
}
