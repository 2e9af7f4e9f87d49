/**
 * A task as lists and its own page show it. Points in time are epoch
 * milliseconds, spans are milliseconds; all of it is plain JSON.
 *
 * @module
 */

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
