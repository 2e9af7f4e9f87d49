/**
 * What the benchmark knows of a queue that it measures.
 *
 * @module
 */

import type { StoreName } from "../servers.ts";

/** A program to start. */
export interface Launch {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env: Readonly<Record<string, string>>;
}

/** How a producer sends. */
export type How = "one" | "flight" | "bulk";

/** What a process is to do; `drivers/driver.mjs` says what each role does. */
export type Role = "enqueue" | "pickups" | "calls";

/** What its processes are told. */
export interface Settings {
  /** Where the queue is. */
  readonly url: string;
  /** Whether results are stored, where that can be chosen. */
  readonly results: boolean;
  /** More, by role. */
  readonly [name: string]: unknown;
}

/** Looks at a queue from outside. */
export interface Watch {
  /** How many tasks, or at least whether any, are not done yet. */
  left(): Promise<number>;
  /** Closes its connection. */
  close(): Promise<void>;
}

/** How many tasks are measured: as many as take a second or a few. */
export interface Counts {
  /** Sent one at a time. */
  readonly one: number;
  /** Sent with a hundred in flight. */
  readonly flight: number;
  /** Sent in bulk. */
  readonly bulk: number;
  /** Drained, warm-up included. */
  readonly drain: number;
}

/** A queue on a store. */
export interface Contestant {
  /** Its name in tables. */
  readonly name: string;
  /** What it stores in. */
  readonly store: StoreName;
  readonly counts: Counts;
  /** How it takes bulk best: tasks by one call, and calls in flight. */
  readonly bulk: { readonly batch: number; readonly lanes: number };
  /** Settings of its worker; of several, the best one of a round counts. */
  readonly variants: readonly string[];
  /** The kinds of drain it has: with stored results, or without. */
  readonly drains: readonly ("results" | "bare")[];
  /** Whether a caller can wait for a result. */
  readonly answers: boolean;
  /** Whether it is quick enough to be measured with a long backlog. */
  readonly backlog: boolean;
  /** Whether its worker reports how many tasks it ran. */
  readonly reports: boolean;
  /** A process that sends. */
  producer(role: Role, settings: Settings): Launch;
  /** A process that works, and says when it is ready. */
  worker(settings: Settings): Launch;
  /** Looks at what is left. */
  watch(url: string): Promise<Watch>;
}

/** A path beside the benchmark's files. */
export function pathOf(relative: string): string {
  return new URL(`../${relative}`, import.meta.url).pathname;
}

/** Launches one of the drivers of Node; `LOVAGE_BENCH_NODE` is which Node. */
export function nodeDriver(
  file: string,
): (role: string, settings: Settings) => Launch {
  return (role, settings) => ({
    program: nodeProgram(),
    args: [pathOf(`peers/${file}`), role, JSON.stringify(settings)],
    env: {},
  });
}

/**
 * The Node that runs the peers: the one that `LOVAGE_BENCH_NODE` names, the
 * one that was installed with them, or the one on the PATH. Some of them want
 * Node 22, and are a third slower on Node 20.
 */
export function nodeProgram(): string {
  const { os, arch } = Deno.build;
  const cpu = arch === "x86_64" ? "x64" : "arm64";
  const installed = pathOf(`peers/node_modules/node-${os}-${cpu}/bin/node`);
  return Deno.env.get("LOVAGE_BENCH_NODE") ??
    (exists(installed) ? installed : "node");
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
