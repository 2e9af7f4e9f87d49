/**
 * The data room: one file for each question. What all viewers see alike is
 * asked for once.
 *
 * @module
 */

import { Cached } from "./cached.ts";
import { countStates } from "./counts.ts";
import { findDead, listDead } from "./dead.ts";
import { readHistory } from "./history.ts";
import { gatherOverview } from "./overview.ts";
import { listQueues } from "./queues.ts";
import { findSchedule, listSchedules, previewSchedule } from "./schedules.ts";
import type { DataSource } from "./source.ts";
import { findRow, findTask } from "./task.ts";
import { listTaskNames } from "./task_names.ts";
import { withStarts } from "./starts.ts";
import type { RowContext } from "./task_row.ts";
import { listTasks } from "./tasks.ts";
import { findTree } from "./tree.ts";
import type { DashboardData } from "./types/data.ts";
import type { QueueRow, WorkerRow } from "./types/fleet.ts";
import type { Overview } from "./types/overview.ts";
import type { TaskRow } from "./types/tasks.ts";
import { findWorker, listWorkers } from "./workers.ts";

/** What all viewers share is kept for so long at least, in ms. */
const SHARED_FOR = 500;
const NAMES_FOR = 30_000;
/** Workers have so long to say that they are there … */
const PING_FOR = "400ms";
/** … and are not asked again for so long, in ms. */
const PINGED_FOR = 2_000;
/** A page does not wait longer for counts, in ms. */
const COUNTS_WITHIN = 150;

/** The answers of a dashboard. */
export function createData(source: DataSource): DashboardData {
  const { app, internals, stores, now } = source;
  const workers = new Cached<readonly WorkerRow[]>(
    async () => await listWorkers(await stores(), now()),
    SHARED_FOR,
  );
  const queues = new Cached<readonly QueueRow[]>(
    async () =>
      await listQueues(
        await stores(),
        now(),
        await workers.get(),
        internals.settings().taskDefaultQueue,
      ),
    SHARED_FOR,
  );
  const states = new Cached(
    async () => await countStates(await stores(), await queues.get()),
    SHARED_FOR,
  );
  const names = new Cached(
    async () => await listTaskNames(internals, await stores()),
    NAMES_FOR,
  );
  const overview = new Cached<Overview>(
    async () => {
      const found = await gatherOverview(await stores(), await rows(), {
        counts: await counts(),
        queues: await queues.get(),
        workers: await workers.get(),
      });
      return { ...found, running: await started(found.running) };
    },
    SHARED_FOR,
  );
  const rows = async (): Promise<RowContext> => ({
    now: now(),
    defaultQueue: internals.settings().taskDefaultQueue,
    workers: new Map((await workers.get()).map(({ id, name }) => [id, name])),
  });
  const started = <Row extends TaskRow>(all: readonly Row[]) =>
    withStarts(app.control, now(), all);
  const unanswering = new Cached(
    async () => (await app.control.ping({ timeout: PING_FOR })).missing,
    PINGED_FOR,
    1,
  );
  const counts = async () => ({
    states: await states.within(COUNTS_WITHIN),
    at: now(),
  });
  return {
    counts,
    overview: () => overview.get(),
    history: async (query = {}) =>
      await readHistory(await stores(), now(), query),
    tasks: async (query = {}) => {
      if (query.id === undefined) {
        const page = await listTasks(await stores(), await rows(), query);
        return { ...page, tasks: await started(page.tasks) };
      }
      const found = await findRow(await stores(), await rows(), query.id);
      return {
        tasks: found === null ? [] : [found],
        cursor: null,
        cut: false,
        searchedTo: null,
        sortedLatest: false,
      };
    },
    taskNames: () => names.get(),
    task: async (id) => {
      const found = await findTask(await stores(), await rows(), id);
      return found === null ? null : (await started([found]))[0] ?? found;
    },
    tree: async (id) => await findTree(await stores(), now(), id),
    explain: async (id) => {
      const { where, sentences, lines, cures } = await app.explain(id);
      return { where, sentences, lines, cures };
    },
    queues: () => queues.get(),
    queue: async (name) =>
      (await queues.get()).find((queue) => queue.name === name) ?? null,
    workers: () => workers.get(),
    unanswering: () => unanswering.get(),
    worker: async (name) => {
      const all = (await workers.get()).filter((row) => row.name === name);
      const row = all.find(({ online }) => online) ?? all[0];
      return row === undefined ? null : await findWorker(app.control, row);
    },
    schedules: async (page = {}) =>
      await listSchedules(app, await stores(), page),
    schedule: async (name) =>
      await findSchedule(app, await stores(), await rows(), name),
    previewSchedule: (fields) =>
      Promise.resolve(
        previewSchedule(now(), internals.settings().timezone, fields),
      ),
    deadLetters: async (page = {}) => await listDead(await stores(), page),
    deadLetter: async (key) => await findDead(await stores(), key),
    refresh: () => {
      for (const each of [workers, queues, states, overview]) each.expire();
    },
  };
}
