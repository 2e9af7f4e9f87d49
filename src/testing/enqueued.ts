/**
 * What waits in the queues of an app.
 *
 * @module
 */

import type { Lovage } from "../app.ts";
import type { LiveTask } from "../contracts/inspector.ts";
import { internalsOf } from "../internals.ts";
import { decodeEnvelope } from "../message/envelope.ts";
import { decodeCall } from "../message/json_codec.ts";

/** A task that waits. */
export interface EnqueuedTask {
  /** Its id. */
  readonly id: string;
  /** Its name. */
  readonly task: string;
  /** Its positional arguments. */
  readonly args: readonly unknown[];
  /** Its keyword arguments. */
  readonly kwargs: Readonly<Record<string, unknown>>;
  /** The queue that it waits in. */
  readonly queue: string;
  /** 0 to 9; 0 is served first. */
  readonly priority: number;
  /** `queued` is ready to be served, `scheduled` waits for its eta. */
  readonly status: "queued" | "scheduled";
  /** Not to run before this time. */
  readonly eta: Date | null;
  /** Not to be started after this time. */
  readonly expires: Date | null;
  /** How often it was retried. */
  readonly retries: number;
  /** What travels beside its arguments. */
  readonly headers: Readonly<Record<string, unknown>>;
  /** The task that sent it. */
  readonly parentId: string | null;
}

const PAGE = 500;

/** All tasks that wait, the queued ones first, each in their order. */
export async function enqueued(
  app: Lovage,
): Promise<readonly EnqueuedTask[]> {
  return [
    ...await waiting(app, "queued"),
    ...await waiting(app, "scheduled"),
  ];
}

async function waiting(
  app: Lovage,
  status: EnqueuedTask["status"],
): Promise<readonly EnqueuedTask[]> {
  const { broker } = await internalsOf(app).stores.open();
  const tasks: EnqueuedTask[] = [];
  let cursor: string | undefined;
  do {
    const page = await broker.inspector.tasks({ status }, {
      limit: PAGE,
      cursor,
    });
    for (const live of page.items) tasks.push(decoded(live, status));
    cursor = page.cursor ?? undefined;
  } while (cursor !== undefined);
  return tasks;
}

function decoded(
  live: LiveTask,
  status: EnqueuedTask["status"],
): EnqueuedTask {
  const envelope = decodeEnvelope(live.body);
  const { args, kwargs = {} } = decodeCall(envelope);
  const { id, task, queue, priority, eta } = live;
  return {
    id,
    task,
    args,
    kwargs,
    queue,
    priority,
    status,
    eta: eta === null ? null : new Date(eta),
    expires: envelope.expires === undefined ? null : new Date(envelope.expires),
    retries: envelope.retries,
    headers: envelope.headers ?? {},
    parentId: envelope.parentId ?? null,
  };
}
