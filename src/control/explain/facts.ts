/**
 * What an explanation is made from: what stores and workers say about a task.
 *
 * @module
 */

import type { DeadLetter } from "../../contracts/dead_letters.ts";
import type { LiveTask, QueueStats } from "../../contracts/inspector.ts";
import type { Limit, LimitState } from "../../contracts/limits.ts";
import type { ResultRecord } from "../../contracts/result_backend.ts";
import type { Envelope } from "../../message/envelope.ts";
import type { RequestInfo, Stage } from "../facts.ts";
import type { KnownWorker } from "./workers.ts";

/** What is known of a task. */
export interface TaskFacts {
  /** Its id. */
  readonly id: string;
  /** Its message, while it is live. */
  readonly live: LiveTask | undefined;
  /** What its message says, unless it cannot be read. */
  readonly envelope: Envelope | undefined;
  /** Why its message cannot be read. */
  readonly unreadable: string | undefined;
  /** Its record. */
  readonly record: ResultRecord | undefined;
  /** What its record says beside the result. */
  readonly meta: MetaFacts;
}

/** What a record says, as far as it can be read. Times are epoch ms. */
export interface MetaFacts {
  /** When each state was reached. */
  readonly times: Readonly<Record<string, number>>;
  /** Retries before this state. */
  readonly retries: number;
  /** Workers that were lost with it. */
  readonly losses: number;
  /** The tasks that it sent or led to. */
  readonly children: readonly string[];
  /** The group that it is a member of. */
  readonly group: string | undefined;
}

/** What a worker that was asked says about a task. */
export interface Asked {
  /** The workers that were asked and did not answer in time. */
  readonly silent: readonly string[];
  /** Who has it, and how far it has come there. */
  readonly holder: {
    readonly worker: string;
    readonly stage: Stage;
    readonly info: Partial<RequestInfo>;
  } | null;
}

/** The other members of a group, as far as their ids follow from its own. */
export interface GroupFacts {
  /** The id of the group. */
  readonly id: string;
  /** The members that anything is known of. */
  readonly members: readonly TaskFacts[];
  /** Whether there may be more than those that were looked at. */
  readonly more: boolean;
}

/** The dead letter of a task, if there is one. */
export interface LetterFacts {
  /** The latest one. */
  readonly letter: DeadLetter | undefined;
  /** How many were looked at. */
  readonly searched: number;
  /** Whether there are more than those. */
  readonly more: boolean;
}

/** A schedule entry, as far as an explanation needs it. */
export interface KnownEntry {
  /** Its name. */
  readonly name: string;
  /** The name of the task. */
  readonly task: string;
  /** Whether it is sent at all. */
  readonly enabled: boolean;
  /** When it is due next. */
  readonly nextRunAt: Date | null;
  /** When it was last sent. */
  readonly lastRunAt: Date | null;
  /** The task that was sent last. */
  readonly lastTaskId: string | null;
}

/** How the app that asks runs a task of this name. */
export interface PolicyFacts {
  /** Starts per second. */
  readonly rateLimit: number | null;
  /** Retries after the first run; `null` is without end. */
  readonly maxRetries: number | null;
  /** Whether it is acknowledged after the run. */
  readonly acksLate: boolean;
  /** In ms. */
  readonly timeLimit: number | null;
}

/** A limit of a task, and how it stands. */
export interface LimitFacts {
  /** The limit. */
  readonly limit: Limit;
  /** How it stands. */
  readonly state: LimitState;
}

/** Everything that an explanation is made from. */
export interface Facts extends TaskFacts {
  /** When that was, epoch ms. */
  readonly now: number;
  /** Addresses of the stores. */
  readonly stores: { readonly broker: string; readonly backend: string };
  /** The settings that matter. Spans are ms. */
  readonly settings: {
    readonly taskMaxDeliveries: number;
    readonly taskUnknownTimeout: number;
    readonly resultExpires: number | null;
    readonly taskIgnoreResult: boolean;
  };
  /** What the app that asks says about the task, if it has it. */
  readonly policy: PolicyFacts | undefined;
  /** Queues, if they matter. */
  readonly queues: readonly QueueStats[];
  /** Workers, if they matter. */
  readonly workers: readonly KnownWorker[];
  /** How its limits stand, while it is ready. */
  readonly limits: readonly LimitFacts[];
  /** How many tasks are before it; `null` when they were not counted. */
  readonly before: number | null;
  /** Its dead letter. */
  readonly letters: LetterFacts;
  /** What workers say, if they were asked. */
  readonly asked: Asked | null;
  /** What it failed for, the nearest first. */
  readonly upstream: readonly TaskFacts[];
  /** The task before it in a chain, if it was not sent yet. */
  readonly predecessor: TaskFacts | undefined;
  /** The group that it is a member of, has to wait for, or is. */
  readonly group: GroupFacts | undefined;
  /** The schedule entry of this name. */
  readonly entry: KnownEntry | null;
}
