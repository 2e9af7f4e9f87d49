/**
 * Sends canvases, waits until all is over, and says what became of each.
 *
 * @module
 */

import type { Lovage, ResultInfo } from "@lovage/lovage";
import { internalsOf } from "../../src/internals.ts";
import { comesTrue } from "../_polling.ts";
import {
  canvasOf,
  type Handle,
  shown,
  toRevoke,
} from "./fixtures/canvas_app.ts";
import {
  compareEnds,
  type End,
  evaluate,
  type Json,
  type Outcome,
  type Shape,
} from "./reference.ts";

/** How long all may take (ms). */
const PATIENCE = 10_000;

/** A canvas that was sent. */
export interface SentCanvas {
  readonly shape: Shape;
  /** Its name, which no other has. */
  readonly name: string;
  readonly handle: Handle;
  readonly expected: Outcome;
}

/** A canvas, what became of it and what should have. */
export interface Compared {
  readonly shape: Shape;
  readonly actual: Outcome;
  readonly expected: Outcome;
}

/** How often each label ran. */
export type Runs = ReadonlyMap<string, number>;

let names = 0;

/** Sends canvases all at once, and revokes what is to be revoked. */
export function sendAll(
  app: Lovage,
  shapes: readonly Shape[],
): Promise<readonly SentCanvas[]> {
  return Promise.all(shapes.map(async (shape) => {
    const name = `canvas${names++}`;
    const handle = await canvasOf(app, shape, name).applyAsync([]);
    for (const id of toRevoke(shape, name)) await app.AsyncResult(id).revoke();
    return { shape, name, handle, expected: evaluate(shape) };
  }));
}

/** Waits until nothing is left to do, and compares with the reference. */
export async function compareAll(
  app: Lovage,
  canvases: readonly SentCanvas[],
  runs: Runs,
  patience: number = PATIENCE,
): Promise<readonly Compared[]> {
  const deadline = performance.now() + patience;
  const results = await Promise.all(
    canvases.map(({ handle }) => resultOf(handle, patience)),
  );
  const ends = await allEnds(app, canvases, deadline);
  return canvases.map(({ shape, name, expected }, at) => ({
    shape,
    expected,
    actual: {
      ends: ends.get(name) ?? {},
      runs: runsOf(runs, name),
      result: results[at] ?? [],
    },
  }));
}

/** How many tasks are to end. */
export function countEnds(canvases: readonly SentCanvas[]): number {
  return canvases.flatMap(({ expected }) => Object.values(expected.ends).flat())
    .length;
}

/** What a handle comes to; it may be an error. */
async function resultOf(handle: Handle, patience: number): Promise<Json> {
  try {
    const timeout = `${patience}ms` as const;
    return shown(await handle.get({ timeout, propagate: false }));
  } catch (error) {
    return shown(error);
  }
}

/** How the tasks of canvases have ended, by the names of both. */
type Ends = ReadonlyMap<string, Record<string, End[]>>;

// If fewer end than were expected, it is the comparison that says which.
async function allEnds(
  app: Lovage,
  canvases: readonly SentCanvas[],
  deadline: number,
): Promise<Ends> {
  const count = countEnds(canvases);
  const prefixes = new Set(canvases.map(({ name }) => name));
  const own = async () =>
    (await endedTasks(app))
      .filter(({ label }) => prefixes.has(label.split(":")[0] ?? ""));
  let found: readonly Found[] = [];
  const isOver = async () => {
    if (!await isIdle(app)) return false;
    found = await own();
    // What is acknowledged early is in no queue while it runs.
    return found.length >= count;
  };
  const isInTime = await comesTrue(isOver, deadline - performance.now());
  return byName(isInTime ? found : await own());
}

/** Whether no task waits or runs. */
export async function isIdle(app: Lovage): Promise<boolean> {
  const { broker } = await internalsOf(app).stores.open();
  const queues = await broker.inspector.queues();
  return queues.every(({ queued, scheduled, running }) =>
    queued + scheduled + running === 0
  );
}

/** A record of a task with a label. */
export interface Found {
  readonly id: string;
  readonly label: string;
  readonly end: End;
  /** How often a lease of it was lost. */
  readonly losses: number;
}

/** All tasks that have ended and have a label. */
export async function endedTasks(app: Lovage): Promise<readonly Found[]> {
  const found: Found[] = [];
  let cursor: string | undefined;
  do {
    const page = await app.results.query({ limit: 1000, cursor });
    for (const item of page.items) {
      const label = item.meta.headers?.["label"];
      const end = endOf(item);
      if (typeof label !== "string" || end === undefined) continue;
      const { losses = 0 } = item.meta;
      found.push({ id: item.id, label, end, losses });
    }
    cursor = page.cursor ?? undefined;
  } while (cursor !== undefined);
  return found;
}

function endOf({ state, result, info }: ResultInfo<unknown>): End | undefined {
  if (state === "SUCCESS") return { state: "SUCCESS", value: shown(result) };
  if (state !== "FAILURE" && state !== "REVOKED") return undefined;
  const error = info instanceof Error ? info.name : String(info);
  return { state: state === "FAILURE" ? "FAILURE" : "REVOKED", error };
}

function byName(found: readonly Found[]): Ends {
  const ends = new Map<string, Record<string, End[]>>();
  const inOrder = found.toSorted((a, b) => compareEnds(a.end, b.end));
  for (const { label, end } of inOrder) {
    const [name = "", task = ""] = label.split(":");
    const own = ends.get(name) ?? {};
    ends.set(name, own);
    (own[task] ??= []).push(end);
  }
  return ends;
}

function runsOf(runs: Runs, name: string): Record<string, number> {
  return Object.fromEntries(
    [...runs].flatMap(([label, count]) => {
      const [canvas, task = ""] = label.split(":");
      return canvas === name ? [[task, count]] : [];
    }),
  );
}
