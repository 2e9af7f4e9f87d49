/**
 * All questions that pages and API ask. What they are answered is plain JSON.
 *
 * @module
 */

import type { DeadPage, DeadRow } from "./dead.ts";
import type { QueueRow, WorkerDetail, WorkerRow } from "./fleet.ts";
import type { History, HistoryQuery, Overview } from "./overview.ts";
import type {
  ScheduleDetail,
  SchedulePage,
  SchedulePreview,
} from "./schedules.ts";
import type {
  TaskCounts,
  TaskDetail,
  TaskExplanation,
  TaskPage,
  TaskQuery,
} from "./tasks.ts";
import type { TaskTree } from "./tree.ts";

/** All questions that pages and API ask. */
export interface DashboardData {
  /** The first page. */
  overview(): Promise<Overview>;
  /** Throughput, failures and latency over time. */
  history(query?: HistoryQuery): Promise<History>;
  /** A page of tasks, the latest first. */
  tasks(query?: TaskQuery): Promise<TaskPage>;
  /** How many tasks are in which state. */
  counts(): Promise<TaskCounts>;
  /** The names of tasks that are known, for completion. */
  taskNames(): Promise<readonly string[]>;
  /** One task; `null` when nothing is known of it. */
  task(id: string): Promise<TaskDetail | null>;
  /** The canvas that a task is part of. */
  tree(id: string): Promise<TaskTree>;
  /** Why a task is where it is. */
  explain(id: string): Promise<TaskExplanation>;
  /** The queues, by name: also those that are empty but served. */
  queues(): Promise<readonly QueueRow[]>;
  /** One queue; `null` when it is not known. */
  queue(name: string): Promise<QueueRow | null>;
  /** The workers, by name. */
  workers(): Promise<readonly WorkerRow[]>;
  /** The node names of live workers that do not answer. */
  unanswering(): Promise<readonly string[]>;
  /** One worker by its node name; `null` when it is not known. */
  worker(name: string): Promise<WorkerDetail | null>;
  /** A page of schedule entries. */
  schedules(page?: {
    readonly limit?: number | undefined;
    readonly cursor?: string | undefined;
  }): Promise<SchedulePage>;
  /** One schedule entry; `null` when there is none. */
  schedule(name: string): Promise<ScheduleDetail | null>;
  /** What a schedule would do; the fields are those of the form. */
  previewSchedule(fields: {
    readonly schedule: string;
    readonly timezone?: string | undefined;
  }): Promise<SchedulePreview>;
  /** A page of dead letters. */
  deadLetters(page?: {
    readonly limit?: number | undefined;
    readonly cursor?: string | undefined;
  }): Promise<DeadPage>;
  /** One dead letter by its key; `null` when there is none. */
  deadLetter(key: string): Promise<DeadRow | null>;
  /** What is asked next is asked anew: something was changed. */
  refresh(): void;
}
