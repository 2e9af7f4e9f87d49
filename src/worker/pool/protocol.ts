/**
 * What worker, host and isolate say to each other.
 *
 * Terms:
 * - **worker**: the process that owns the pool.
 * - **host**: a child process of the worker. Its main thread never runs tasks
 *   and so always answers.
 * - **isolate**: a Web Worker of a host. It runs one job at a time.
 * - **seat**: the number of an isolate in its host, and what the worker knows
 *   of it.
 * - **ordinal**: numbers the jobs that were handed to one seat: 1, 2, 3, …
 *
 * Everything is text. A frame from the worker, and a line from an isolate, is
 * `<kind><seat> <payload>`; the host relays what is not for itself without
 * looking into it. A frame to the worker is lines joined by line feeds (JSON
 * has none). Bodies of jobs travel unescaped behind the JSON of their heads.
 *
 * @module
 */

import type { LogLevel } from "@logtape/logtape";
import type { StoreCapabilities } from "../../contracts/store.ts";
import type { DeliveryInfo } from "../runner.ts";
import type { LineRing } from "./line_ring.ts";
import type { InterruptReason } from "../../interrupt.ts";
import type { Job } from "./pool.ts";

/** Changes with every change of what is said here. */
export const PROTOCOL_VERSION = 7;

/** The first letter of what the worker says. */
export const ToHost = {
  /** {@linkcode HostInit}; the first frame. */
  Init: "i",
  /** Open a seat: {@linkcode SeatInit}. */
  Open: "o",
  /** Jobs, see {@linkcode encodeJobs}. Relayed. */
  Jobs: "j",
  /** Give back what has not been started. */
  Recall: "r",
  /** `<ordinal> <reason>`: interrupt a job. */
  Interrupt: "n",
  /** A message of the store. Relayed. */
  Store: "c",
  /** Say how much memory the host holds. */
  Measure: "m",
  /** Terminate the isolate. */
  Close: "t",
  /** End the process in peace, so that what it exports is exported. */
  End: "e",
} as const;

/** The first letter of what hosts and isolates say. */
export const ToWorker = {
  /** The isolate has loaded the application. */
  Ready: "y",
  /** The isolate cannot start: {@linkcode FaultReport}. */
  Broken: "e",
  /** `<ordinal> <epoch ms>`: a watched job starts. */
  Started: "s",
  /** `<ordinal> <event>`: a job tells those who watch. */
  Event: "v",
  /** `<ordinal> <outcome>`: a job has ended. */
  Ended: "o",
  /** `<claimed> <last>`: the ordinals between are given back. */
  GivenBack: "g",
  /** `<ordinal> <report>`: the isolate is done for: {@linkcode FaultReport}. */
  Fault: "x",
  /** The isolate asks to be replaced between jobs. */
  Retire: "r",
  /** The host holds too much: {@linkcode MemoryReport}. Its seat is 0. */
  Memory: "m",
  /** Asked for: how many bytes the host holds. Its seat is 0. */
  Measured: "h",
  /** A message of the store. */
  Store: "c",
  /** A log record of a task. */
  Log: "l",
  /** Only to the host: the isolate is ready to end. */
  Done: "d",
  /** Only to the host: there are lines in the ring. */
  Bell: "b",
} as const;

/** What a host needs to know. */
export interface HostInit {
  /** {@linkcode PROTOCOL_VERSION} of the worker. */
  readonly version: number;
  /** The module of the application. */
  readonly module: string;
  /** The module with `loadRunner`. */
  readonly runnerModule: string;
  /** The node name of the worker. */
  readonly hostname: string;
  /** The most memory that the host may hold, in bytes. */
  readonly memoryLimit: number;
  /** Above how many bytes the host asks to be replaced between jobs. */
  readonly recycleAbove: number | null;
  /** The store that tasks may call. */
  readonly store: StoreFacts | null;
  /** From which level on isolates send what is logged; `null` is nothing. */
  readonly logLevel: LogLevel | null;
}

/** How to open a seat. */
export interface SeatInit {
  /** Permissions as a Web Worker takes them; `null` is those of the host. */
  readonly permissions: string | null;
}

/** What an isolate is told first. */
export interface IsolateInit {
  /** Its seat. */
  readonly seat: number;
  /** Shared with the host's main thread; see {@linkcode Word}. */
  readonly words: Int32Array;
  /** Takes the lines that tell of the starts and ends of jobs. */
  readonly ring: LineRing;
  /**
   * Settings from the environment, where it may not read them itself; `null`
   * where it may.
   */
  readonly settings: Readonly<Record<string, string>> | null;
  /** What its host was told. */
  readonly host: HostInit;
}

/** What a store says of itself without being asked. */
export interface StoreFacts {
  /** Its kind. */
  readonly scheme: string;
  /** Its address for people. */
  readonly address: string;
  /** What it can do. */
  readonly capabilities: StoreCapabilities;
}

/** Why an isolate is done for. */
export interface FaultReport {
  /** The task called something that ends its isolate; this is the call. */
  readonly exit?: string | undefined;
  /** An error as it travels: thrown outside of a task, or while loading. */
  readonly error?: string | undefined;
  /** The error in words. */
  readonly message?: string | undefined;
  /** The isolate itself could not say what it was running. */
  readonly isDead?: boolean | undefined;
}

/** How much memory a host holds, in bytes. */
export interface MemoryReport {
  /** What it holds. */
  readonly held: number;
  /** What it may hold; absent when it only asks to be replaced. */
  readonly limit?: number | undefined;
}

/** The shared words of an isolate. */
export const Word = {
  /** The ordinal of the last job that was claimed or given back. */
  Claimed: 0,
  /** The ordinal of the job that is to be interrupted. */
  Interrupted: 1,
  /** Why: an index into {@linkcode REASONS}. */
  Reason: 2,
  /** How many jobs have ended, modulo 2³². */
  Ended: 3,
} as const;

/** How many shared words there are. */
export const WORD_COUNT = 4;

/** Reasons of interrupts by their number. */
export const REASONS: readonly (InterruptReason | null)[] = [
  null,
  "soft-limit",
  "revoked",
  "shutdown",
];

/** A job as an isolate gets it. */
export interface HandedJob {
  /** Its ordinal. */
  readonly ordinal: number;
  /** The envelope. */
  readonly body: string;
  /** Whether its start is to be reported. */
  readonly watched: boolean;
  /** How it came to the worker. */
  readonly delivery: DeliveryInfo;
}

type JobHead = readonly [
  length: number,
  watched: 0 | 1,
  queue: string,
  priority: number,
  losses: number,
  softLimit: number | null,
  hardLimit: number | null,
];

/** A job and whether its start is to be reported. */
export interface OutgoingJob {
  /** The job. */
  readonly job: Job;
  /** Whether its start is to be reported. */
  readonly watched: boolean;
}

/** Encodes jobs with consecutive ordinals for a seat. */
export function encodeJobs(
  seat: number,
  first: number,
  jobs: readonly OutgoingJob[],
): string {
  const heads: JobHead[] = [];
  let bodies = "";
  for (const { job, watched } of jobs) {
    const { queue, priority, losses, softLimit, hardLimit } = job.delivery;
    heads.push([
      job.body.length,
      watched ? 1 : 0,
      queue,
      priority,
      losses,
      softLimit,
      hardLimit,
    ]);
    bodies += job.body;
  }
  const last = first + jobs.length - 1;
  return `${ToHost.Jobs}${seat} ${last} ${first}\n` +
    `${JSON.stringify(heads)}\n${bodies}`;
}

/** The last ordinal of encoded jobs. */
export function lastOrdinalOf(payload: string): number {
  return parseInt(payload, 10);
}

/** Decodes the payload of {@linkcode encodeJobs}. */
export function decodeJobs(payload: string): HandedJob[] {
  const line = payload.indexOf("\n");
  const headsEnd = payload.indexOf("\n", line + 1);
  let ordinal = Number(payload.slice(payload.indexOf(" ") + 1, line));
  const heads = JSON.parse(payload.slice(line + 1, headsEnd)) as JobHead[];
  let at = headsEnd + 1;
  return heads.map((head) => {
    const [length, watched, queue, priority, losses, softLimit, hardLimit] =
      head;
    return {
      ordinal: ordinal++,
      body: payload.slice(at, at += length),
      watched: watched === 1,
      delivery: { queue, priority, losses, softLimit, hardLimit },
    };
  });
}

/** A frame or line in its parts. */
export interface Parts {
  /** Its first letter. */
  readonly kind: string;
  /** The seat that it is for or from. */
  readonly seat: number;
  /** The rest. */
  readonly payload: string;
}

/** Takes a frame or line apart. */
export function partsOf(text: string): Parts {
  const space = text.indexOf(" ");
  return {
    kind: text[0] ?? "",
    seat: Number(text.slice(1, space)),
    payload: text.slice(space + 1),
  };
}

/** Takes `<number> <rest>` apart. */
export function numbered(payload: string): [number: number, rest: string] {
  const space = payload.indexOf(" ");
  return [Number(payload.slice(0, space)), payload.slice(space + 1)];
}
