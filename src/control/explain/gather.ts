/**
 * Gathers what stores and workers say about a task, in few round trips: of a
 * task that has ended two, otherwise one or two more, and one question to
 * workers where only they can know.
 *
 * @module
 */

import type { LiveTask } from "../../contracts/inspector.ts";
import type { Internals } from "../../internals.ts";
import type { OpenStores } from "../../producer/stores.ts";
import { askWorkers } from "./ask.ts";
import type {
  Facts,
  KnownEntry,
  LimitFacts,
  PolicyFacts,
  TaskFacts,
} from "./facts.ts";
import { groupOf, relatives } from "./family.ts";
import { findLetter, NO_LETTER } from "./letters.ts";
import { lookUp } from "./look_up.ts";
import { nameOf, readError } from "./read.ts";
import { upstreamOf } from "./upstream.ts";
import { type KnownWorker, knownWorkers } from "./workers.ts";

/** Finds a schedule entry by its name. */
export type FindEntry = (name: string) => Promise<KnownEntry | null>;

const PAGE = 200;
/** In a longer queue it is not counted how many are before a task. */
const MOST_COUNTED = 1_000;

/** What only matters in some cases. */
type Rest = Partial<
  Pick<
    Facts,
    | "queues"
    | "workers"
    | "before"
    | "limits"
    | "letters"
    | "asked"
    | "upstream"
    | "predecessor"
    | "group"
    | "entry"
  >
>;

/**
 * Everything that an explanation of a task is made from.
 *
 * @throws {StoreError} when a store does not answer
 */
export async function gather(
  app: Internals,
  findEntry: FindEntry,
  id: string,
): Promise<Facts> {
  const stores = await app.stores.open();
  const task = await current(stores, id);
  const rest = task.live !== undefined
    ? await restOfLive(app, stores, task, task.live)
    : task.record?.ended === true
    ? await restOfEnded(stores, task)
    : await restOfMissing(app, stores, findEntry, task);
  const { broker, backend } = stores;
  return {
    ...task,
    now: app.clock().now(),
    stores: { broker: broker.address, backend: backend.address },
    settings: app.settings(),
    policy: policyOf(app, task),
    queues: [],
    workers: [],
    before: null,
    limits: [],
    letters: NO_LETTER,
    asked: null,
    upstream: [],
    predecessor: undefined,
    group: undefined,
    entry: null,
    ...rest,
  };
}

/** A task at one moment: it may end while it is looked at. */
async function current(stores: OpenStores, id: string): Promise<TaskFacts> {
  const [found] = await lookUp(stores, [id]) as [TaskFacts];
  if (found.live === undefined || found.record?.ended !== true) return found;
  // Either it has ended in between, or it was sent or redriven once more.
  const [again] = await lookUp(stores, [id]) as [TaskFacts];
  return again;
}

async function restOfLive(
  app: Internals,
  stores: OpenStores,
  task: TaskFacts,
  live: LiveTask,
): Promise<Rest> {
  const { inspector } = stores.broker;
  const [queues, consumers, before, limits, group] = await Promise.all([
    inspector.queues(),
    inspector.consumers(),
    countBefore(stores, live),
    limitsOf(stores, live),
    groupOf(stores, task),
  ]);
  const workers = knownWorkers(consumers, app.clock().now());
  const holder = workers.find((worker) => worker.id === live.consumer);
  const asked = holder?.alive === true
    ? await askWorkers(app, task.id, [holder.name])
    : null;
  return { queues, workers, before, limits, group, asked };
}

async function restOfEnded(
  stores: OpenStores,
  task: TaskFacts,
): Promise<Rest> {
  const { record } = task;
  if (record?.state !== "FAILURE") return {};
  const [letters, upstream] = await Promise.all([
    mayBeDead(task) ? findLetter(stores, task.id) : NO_LETTER,
    upstreamOf(stores, task),
  ]);
  return { letters, upstream };
}

async function restOfMissing(
  app: Internals,
  stores: OpenStores,
  findEntry: FindEntry,
  task: TaskFacts,
): Promise<Rest> {
  const [letters, consumers, family, entry] = await Promise.all([
    findLetter(stores, task.id),
    stores.broker.inspector.consumers(),
    relatives(stores, task),
    // One that cannot be read is none that could be explained.
    findEntry(task.id).catch(() => null),
  ]);
  const workers = knownWorkers(consumers, app.clock().now());
  const isElsewhere = letters.letter !== undefined || entry !== null ||
    family.group !== undefined || family.predecessor !== undefined;
  // What runs at most once is in no queue while it runs: workers know.
  const alive = isElsewhere ? [] : namesOf(workers);
  const asked = alive.length === 0
    ? null
    : await askWorkers(app, task.id, alive);
  return { letters, workers, asked, entry, ...family };
}

function namesOf(workers: readonly KnownWorker[]): readonly string[] {
  return workers.filter(({ alive }) => alive).map(({ name }) => name);
}

/** How the limits stand that may hold a task back. */
async function limitsOf(
  { broker }: OpenStores,
  { status, cancelled, limits = [] }: LiveTask,
): Promise<readonly LimitFacts[]> {
  if (status !== "queued" || cancelled || limits.length === 0) return [];
  const states = await broker.inspector.limits(limits);
  return states.flatMap((state, index) => {
    const limit = limits[index];
    return limit === undefined ? [] : [{ limit, state }];
  });
}

/** How many tasks are served before this one; `null` when it is not known. */
async function countBefore(
  { broker }: OpenStores,
  live: LiveTask,
): Promise<number | null> {
  if (live.status !== "queued") return null;
  const { queue, priority, id } = live;
  let before = 0;
  let counted = 0;
  let isBehind = false;
  let cursor: string | undefined;
  do {
    const page = await broker.inspector.tasks({ status: "queued", queue }, {
      limit: PAGE,
      cursor,
    });
    for (const each of page.items) {
      if (each.id === id) isBehind = true;
      else if (
        each.priority < priority || (each.priority === priority && !isBehind)
      ) before++;
    }
    counted += page.items.length;
    cursor = page.cursor ?? undefined;
  } while (cursor !== undefined && counted < MOST_COUNTED);
  return cursor === undefined ? before : null;
}

/** Whether a failed task may be among the dead letters. */
function mayBeDead({ record, meta }: TaskFacts): boolean {
  const name = readError(record)?.name;
  if (name === "UpstreamFailedError" || name === "ChordError") return false;
  return meta.times["STARTED"] === undefined || name === "Reject";
}

function policyOf(app: Internals, task: TaskFacts): PolicyFacts | undefined {
  const name = nameOf(task);
  if (name === null) return undefined;
  try {
    return app.tasks.get(name)?.policy(app.settings());
  } catch {
    // Its options will not do; whoever runs it says so.
    return undefined;
  }
}
