/**
 * What pages and API show: the answers of the data room. Points in time are
 * epoch milliseconds, spans are milliseconds. All of it is plain JSON.
 *
 * @module
 */

import type { ScheduleJson } from "../../schedules/timing/schedule.ts";

/** A task in a list. */
export interface TaskRow {
  /** Its id. */
  readonly id: string;
  /** Its name; `""` when it is not known. */
  readonly name: string;
  /**
   * `PENDING`, `RECEIVED`, `STARTED`, `RETRY`, `SUCCESS`, `FAILURE`,
   * `REVOKED`, a custom state, or `SCHEDULED`: it waits for its eta.
   */
  readonly state: string;
  /** Its queue; `null` when it is not known. */
  readonly queue: string | null;
  /** The node name of the worker; `null` when none has it. */
  readonly worker: string | null;
  /** Its arguments as JSON text, cut; `null` when they are not kept. */
  readonly args: string | null;
  /** Its result as JSON text, cut; `null` when there is none. */
  readonly result: string | null;
  /** Its error, `name: message`, cut; `null` when there is none. */
  readonly error: string | null;
  /** Retries before this state. */
  readonly retries: number;
  /** When it was sent first. */
  readonly sentAt: number | null;
  /** When a worker took it. */
  readonly receivedAt: number | null;
  /** When its run began. */
  readonly startedAt: number | null;
  /** When it ended. */
  readonly endedAt: number | null;
  /** When this state was reached, as far as it is known. */
  readonly updatedAt: number | null;
  /** When it is to run, where it waits for that. */
  readonly eta: number | null;
  /** From the first sending to the run. */
  readonly waited: number | null;
  /** How long it ran, or runs so far. */
  readonly runtime: number | null;
}

/** The columns that a list can be sorted by. */
export type TaskSort =
  | "time"
  | "name"
  | "state"
  | "queue"
  | "worker"
  | "runtime"
  | "waited"
  | "retries";

/** Which tasks to list; all that is given must hold. */
export interface TaskFilter {
  /** Their state, or `SCHEDULED`. Several, separated by commas, are "or". */
  readonly state?: string | undefined;
  /** Their name; a `*` is any text. */
  readonly name?: string | undefined;
  /** Their queue. */
  readonly queue?: string | undefined;
  /** The node name of the worker. */
  readonly worker?: string | undefined;
  /** Their id. Anything else is then left out of account. */
  readonly id?: string | undefined;
  /** Text in arguments, result or error; case is of no matter. */
  readonly text?: string | undefined;
  /** In this state since then or later. */
  readonly since?: number | undefined;
  /** In this state before then. */
  readonly until?: number | undefined;
}

/** Which page of a list of tasks. */
export interface TaskQuery extends TaskFilter {
  /**
   * By which column; all but `time` sort the latest 1,000 that fit.
   * @default {"time"}
   */
  readonly sort?: TaskSort | undefined;
  /** @default {"desc"} */
  readonly direction?: "asc" | "desc" | undefined;
  /** @default {50} */
  readonly limit?: number | undefined;
  /** {@linkcode TaskPage.cursor} of the page before. */
  readonly cursor?: string | undefined;
}

/** A page of tasks. */
export interface TaskPage {
  /** The tasks. */
  readonly tasks: readonly TaskRow[];
  /** Where to go on; `null` at the end. */
  readonly cursor: string | null;
  /**
   * Whether the search was cut short to answer in time: the page may then be
   * short or empty though more fit; the cursor goes on where it stopped.
   */
  readonly cut: boolean;
  /** How far back was looked, where it was cut short. */
  readonly searchedTo: number | null;
  /** Whether only the latest 1,000 that fit were sorted. */
  readonly sortedLatest: boolean;
}

/** How many tasks are in which state; `null` while they are being counted. */
export interface TaskCounts {
  /** By state; those that wait are `PENDING`, `SCHEDULED` and `RECEIVED`. */
  readonly states: Readonly<Record<string, number>> | null;
  /** When they were counted. */
  readonly at: number;
}

/** An error, decoded. */
export interface ErrorFacts {
  /** Its class. */
  readonly name: string;
  /** What it says. */
  readonly message: string;
  /** Its stack; `null` when there is none. */
  readonly stack: string | null;
  /** What it was caused by; `null` when nothing is known. */
  readonly cause: ErrorFacts | null;
}

/** A step in the life of a task. */
export interface TimelineStep {
  /** The state that was reached. */
  readonly state: string;
  /** When. */
  readonly at: number;
}

/** A task in the tree of its canvas. */
export interface TreeTask {
  readonly kind: "task";
  /** Its id. */
  readonly id: string;
  /** Its name, when it is known. */
  readonly name: string | null;
  /** Its state. */
  readonly state: string;
  /** How long it ran, or runs so far. */
  readonly runtime: number | null;
  /** Its error: name and message. */
  readonly error: string | null;
  /** Whether it is the task of the page. */
  readonly asked: boolean;
  /** Whether it is the body of a chord: it takes the results of a group. */
  readonly body: boolean;
  /** What it sent or led to. */
  readonly children: readonly TreeItem[];
}

/** A group in the tree of a canvas. */
export interface TreeGroup {
  readonly kind: "group";
  /** Its id. */
  readonly id: string;
  /** Its members, and what took their results. */
  readonly children: readonly TreeItem[];
}

/** A part of the tree of a canvas. */
export type TreeItem = TreeTask | TreeGroup;

/** Everything that is known of one task. */
export interface TaskDetail extends TaskRow {
  /** Its arguments as JSON text, as far as they are kept. */
  readonly argsJson: string | null;
  /** Its keyword arguments as JSON text; `null` when there are none. */
  readonly kwargsJson: string | null;
  /** Whether the arguments were cut. */
  readonly argsCut: boolean;
  /** Its result, or the metadata of a custom state, as JSON text. */
  readonly resultJson: string | null;
  /** Its error. */
  readonly failure: ErrorFacts | null;
  /** Its states, the first one first. */
  readonly timeline: readonly TimelineStep[];
  /** Its headers. */
  readonly headers: Readonly<Record<string, unknown>> | null;
  /** 0 (first) to 9; `null` when it is not known. */
  readonly priority: number | null;
  /** Not to run after this time. */
  readonly expires: number | null;
  /** When the task is asked to stop. */
  readonly softTimeLimit: number | null;
  /** When it is ended by force. */
  readonly timeLimit: number | null;
  /** Workers that were lost with it. */
  readonly losses: number;
  /** Whether it was revoked and has not ended. */
  readonly cancelled: boolean;
  /** When its record is dropped. */
  readonly recordExpiresAt: number | null;
  /** The first task of its line. */
  readonly rootId: string;
  /** The task that sent it. */
  readonly parentId: string | null;
  /** The group that it is a member of. */
  readonly groupId: string | null;
  /** The node that sent it. */
  readonly origin: string | null;
  /** What can be done with it now. */
  readonly can: {
    /** It has failed or was revoked, and its message is kept. */
    readonly retry: boolean;
    /** It has succeeded, and its message is kept: a copy of it can be sent. */
    readonly rerun: boolean;
    /** It has not ended. */
    readonly revoke: boolean;
    /** A worker has it. */
    readonly terminate: boolean;
  };
}

/** The canvas that a task is part of. */
export interface TaskTree {
  /** What it began with. */
  readonly tree: readonly TreeItem[];
  /** How many tasks are known of that are not in it. */
  readonly more: number;
}

/** A gate on the way of a task, or something else to know of it. */
export interface GateLine {
  /** Its name; `null` for what is no gate. */
  readonly gate: string | null;
  /** How it stands. */
  readonly state: "passed" | "holding" | "unknown" | null;
  /** That in words. */
  readonly sentence: string;
}

/** Why a task is where it is. */
export interface TaskExplanation {
  /** Where it is: `queued`, `scheduled`, `held`, `ended`, `dead`, … */
  readonly where: string;
  /** What there is to say: each sentence says one thing. */
  readonly sentences: readonly string[];
  /** The same with the gates that it is through, or that hold it. */
  readonly lines: readonly GateLine[];
  /** What may help: commands to type. */
  readonly cures: readonly string[];
}

/** A queue. */
export interface QueueRow {
  /** Its name. */
  readonly name: string;
  /** Ready to be served. */
  readonly queued: number;
  /** Waiting for their eta. */
  readonly scheduled: number;
  /** Held by workers. */
  readonly running: number;
  /** Whether nothing is taken from it. */
  readonly paused: boolean;
  /** Since when its first task waits; `null` when none does. */
  readonly oldestAt: number | null;
  /** For how long that is. */
  readonly oldestAge: number | null;
  /** Tasks that ended per second, of the last minutes; `null` is not known. */
  readonly rate: number | null;
  /** The node names of live workers that serve it. */
  readonly consumers: readonly string[];
}

/** A worker. */
export interface WorkerRow {
  /** Its node name. */
  readonly name: string;
  /** The id of this start of it. */
  readonly id: string;
  /** Whether it was heard of within its lease. */
  readonly online: boolean;
  /** Its last heartbeat. */
  readonly seenAt: number;
  /** `isolate` or `async`; `""` when it is not known. */
  readonly pool: string;
  /** Tasks at a time; `null` when it is not known. */
  readonly concurrency: number | null;
  /** Tasks that it holds. */
  readonly held: number;
  /** The queues that it serves. */
  readonly queues: readonly string[];
  /** Its process. */
  readonly pid: number | null;
  /** The version of Lovage. */
  readonly version: string | null;
  /** When it was started. */
  readonly startedAt: number | null;
  /** Tasks that it has ended, by outcome. */
  readonly ended: Readonly<Record<string, number>>;
}

/** Everything about one worker; what it must be asked for may be missing. */
export interface WorkerDetail extends WorkerRow {
  /** Why it did not answer; `null` when it did. */
  readonly silent: string | null;
  /** Memory of its process, in bytes. */
  readonly rss: number | null;
  /** How many deliveries it would hold now. */
  readonly prefetch: number | null;
  /** What runs in it. */
  readonly active: readonly HeldTask[];
  /** What waits in it for a slot or for its turn under a rate limit. */
  readonly reserved: readonly HeldTask[];
  /** The tasks that it knows, with what is set for them. */
  readonly registered: readonly string[];
  /** Tasks that it has ended, by name. */
  readonly totals: Readonly<Record<string, number>>;
  /** Its settings, secrets masked. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** A task that a worker holds. */
export interface HeldTask {
  /** Its id. */
  readonly id: string;
  /** Its name. */
  readonly name: string;
  /** Its arguments as JSON text, cut. */
  readonly args: string;
  /** Its queue. */
  readonly queue: string;
  /** When the worker took it. */
  readonly receivedAt: number;
  /** How often it was retried. */
  readonly retries: number;
}

/** What ended within a span of time. */
export interface HistoryPoint {
  /** When the span begins. */
  readonly at: number;
  /** Tasks that succeeded. */
  readonly succeeded: number;
  /** Tasks that failed. */
  readonly failed: number;
  /** Runs that are to be repeated. */
  readonly retried: number;
  /** Tasks that were revoked. */
  readonly revoked: number;
  /** Waiting time: half of the tasks waited less; `null` without any. */
  readonly waitP50: number | null;
  /** 95 of 100 waited less. */
  readonly waitP95: number | null;
  /** Run time: half of the tasks ran shorter. */
  readonly runP50: number | null;
  /** 95 of 100 ran shorter. */
  readonly runP95: number | null;
}

/** A span of time in equal steps, gaps filled with zeros. */
export interface History {
  /** The length of a step. */
  readonly step: number;
  /** The points, the earliest first; the last one is still filling. */
  readonly points: readonly HistoryPoint[];
}

/** Which history. */
export interface HistoryQuery {
  /** How far back. Defaults to an hour. */
  readonly span?: number | undefined;
  /** Of this task only. */
  readonly task?: string | undefined;
  /** Of this queue only. */
  readonly queue?: string | undefined;
}

/** Something that needs a person. */
export interface Attention {
  /** The rule: `no-consumer`, `old-queue`, `failing`, `silent-worker`, … */
  readonly rule: string;
  /** How bad it is. */
  readonly severity: "high" | "medium" | "low";
  /** What it is about. */
  readonly subject: {
    readonly kind: "queue" | "worker" | "task" | "schedule" | "dead" | "store";
    readonly name: string;
  };
  /** A sentence with its arithmetic. */
  readonly text: string;
  /** Since when, as far as it is known. */
  readonly since: number | null;
}

/** What the first page shows. */
export interface Overview {
  /** When it was gathered. */
  readonly at: number;
  /** The kind of store of the tasks, such as `redis`, and its address, masked. */
  readonly store: { readonly kind: string; readonly address: string };
  /** What needs a person, the worst first. */
  readonly attention: readonly Attention[];
  /** Records by state. */
  readonly counts: TaskCounts;
  /** Sums over all queues. */
  readonly totals: {
    readonly queued: number;
    readonly scheduled: number;
    readonly running: number;
    readonly slots: number;
    readonly deadLetters: number | null;
    /** Per second, over the last minutes. */
    readonly succeededRate: number | null;
    readonly failedRate: number | null;
  };
  /** The last hour, by minute. */
  readonly history: History;
  /** The queues. */
  readonly queues: readonly QueueRow[];
  /** The workers. */
  readonly workers: readonly WorkerRow[];
  /** What runs, the longest first; the first 20. */
  readonly running: readonly TaskRow[];
  /** The latest failures; the first 20. */
  readonly failures: readonly TaskRow[];
  /** The node name of the beat that leads; `null` when none does. */
  readonly beat: string | null;
}

/** A schedule entry. */
export interface ScheduleRow {
  /** Its name. */
  readonly name: string;
  /** The task that it sends. */
  readonly task: string;
  /** Its arguments as JSON text. */
  readonly args: string;
  /** Its keyword arguments as JSON text; `null` when there are none. */
  readonly kwargs: string | null;
  /** When, as data. */
  readonly spec: ScheduleJson;
  /** When, in words. */
  readonly when: string;
  /** Its time zone. */
  readonly timezone: string;
  /** Whether it is sent. */
  readonly enabled: boolean;
  /** Whether it is sent once only. */
  readonly oneOff: boolean;
  /** What it is for. */
  readonly description: string;
  /** The app whose code it is written in; `null` when it is stored only. */
  readonly fixedBy: string | null;
  /** When it was last sent. */
  readonly lastRunAt: number | null;
  /** The task that was sent last. */
  readonly lastTaskId: string | null;
  /** How often it was sent. */
  readonly totalRuns: number;
  /** Times left out because the task before was not over. */
  readonly skippedRuns: number;
  /** Times left out because no beat ran. */
  readonly missedRuns: number;
  /** When it is due next. */
  readonly nextRunAt: number | null;
}

/** Everything about one schedule entry. */
export interface ScheduleDetail extends ScheduleRow {
  /** How it is sent: queue, priority and so on. */
  readonly options: Readonly<Record<string, unknown>>;
  /** It is not sent before. */
  readonly startAt: number | null;
  /** It is not sent after. */
  readonly endAt: number | null;
  /** What about times that were missed. */
  readonly catchUp: string;
  /** The most times that are made up for. */
  readonly catchUpLimit: number;
  /** What while the task of the time before is not over. */
  readonly overlap: string;
  /** The next ten times. */
  readonly next: readonly number[];
  /** Its latest runs that are still known, the latest first. */
  readonly runs: readonly TaskRow[];
}

/** What an entry would do. */
export interface SchedulePreview {
  /** When, in words; `""` with an error. */
  readonly when: string;
  /** The next times. */
  readonly next: readonly number[];
  /** Why it will not do; `null` when it will. */
  readonly error: string | null;
}

/** A page of schedule entries, by name. */
export interface SchedulePage {
  /** The entries. */
  readonly schedules: readonly ScheduleRow[];
  /** Where to go on; `null` at the end. */
  readonly cursor: string | null;
  /** The beat that leads; `null` when none does. */
  readonly leader: string | null;
}

/** A message that can never run. */
export interface DeadRow {
  /** Its key among the dead letters. */
  readonly key: string;
  /** The id of the task. */
  readonly id: string;
  /** The name of the task. */
  readonly name: string;
  /** Its queue. */
  readonly queue: string;
  /** The kind of trouble: the name of an error class. */
  readonly reason: string;
  /** What was wrong. */
  readonly detail: string;
  /** Workers that were lost with it. */
  readonly losses: number;
  /** When it was taken out. */
  readonly diedAt: number;
  /** Its message as text, cut. */
  readonly message: string;
}

/** A page of dead letters, the latest first. */
export interface DeadPage {
  /** The letters. */
  readonly letters: readonly DeadRow[];
  /** Where to go on; `null` at the end. */
  readonly cursor: string | null;
}

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
