/**
 * What a gateway does for those who may ask for it.
 *
 * @module
 */

import {
  LONGEST_WAIT,
  type Operation,
  type Operations,
  VERSION,
} from "../../adapters/gateway/protocol.ts";
import { GUARD } from "../canvas/guard.ts";
import type { ResultRecord } from "../contracts/result_backend.ts";
import type { Internals } from "../internals.ts";
import { revoke } from "../producer/revoke.ts";
import { startingOver } from "../producer/start_over.ts";
import { groupsIn, idsIn, messagesIn, requestsIn, textsIn } from "./read.ts";
import { Refused } from "./refused.ts";
import type { Scope } from "./scope.ts";

/** Who asks, and for what. */
export interface Asked {
  /** What they may do. */
  readonly scope: Scope;
  /** What they sent: any JSON. */
  readonly body: unknown;
  /** Aborts when they have gone. */
  readonly signal: AbortSignal;
}

type Handlers = {
  readonly [Name in Operation]: (
    app: Internals,
    asked: Asked,
  ) => Promise<Operations[Name]["answers"]>;
};

/** Every operation. */
export const OPERATIONS: Handlers = {
  hello: async (app) => {
    const { broker } = await app.stores.open();
    const { limitsAcrossQueues } = broker.capabilities;
    return { version: VERSION, limitsAcrossQueues };
  },
  publish,
  cancel: async (app, { scope, body }) => {
    const requests = requestsIn(body);
    await refuseOthers(app, scope, requests.map(({ id }) => id));
    const outcomes = [];
    for (const terminate of [false, true]) {
      const ids = requests.filter((each) => each.terminate === terminate)
        .map(({ id }) => id);
      const met = await revoke(app, ids, { terminate });
      outcomes.push(...ids.map((id, index) => [id, met[index]] as const));
    }
    const byId = new Map(outcomes);
    return { outcomes: requests.map(({ id }) => byId.get(id) ?? "unknown") };
  },
  holders: async (app, { body }) => {
    const { broker } = await app.stores.open();
    const ids = await broker.broker.holders(textsIn(body, "keys"));
    return { ids: ids.map((id) => id ?? null) };
  },
  find: async (app, { scope, body }) => {
    const { broker } = await app.stores.open();
    const tasks = await broker.inspector.find(idsIn(body));
    return {
      tasks: tasks.map((task) =>
        task !== undefined && scope.has(task.task) ? task : null
      ),
    };
  },
  fetch: async (app, { scope, body }) => {
    const records = await fetch(app, scope, idsIn(body));
    return { records };
  },
  wait,
  forget: async (app, { scope, body }) => {
    if (!scope.revoke) throw refusedTo(scope, "forget results");
    const ids = idsIn(body);
    const { backend } = await app.stores.open();
    const records = await backend.results.fetch(ids);
    const own = ids.filter((_, index) =>
      scope.has(records[index]?.task ?? "") || records[index] === undefined
    );
    await backend.results.forget(own);
    return {};
  },
};

/** Publishes as a producer beside the store would. */
async function publish(
  app: Internals,
  { scope, body }: Asked,
): Promise<Operations["publish"]["answers"]> {
  const messages = messagesIn(body, "messages");
  const groups = groupsIn(body);
  for (const message of messages) scope.check(message, groups);
  for (const group of groups) scope.check(group.body);
  const stores = await app.stores.open();
  const { broker, backend, atomic } = stores;
  const chosen = messages.filter(({ fresh }) => fresh !== true);
  const ids = chosen.map(({ id }) => id);
  await refuseTaken(app, scope, ids);
  let added: readonly boolean[] = [];
  await startingOver(stores, ids, async () => {
    if (groups.length > 0 && !atomic) await backend.results.openGroups(groups);
    added = await broker.broker.publish(
      messages,
      atomic && groups.length > 0 ? { groups } : {},
    );
    return added.filter((_, at) => messages[at]?.fresh !== true);
  });
  return { added };
}

/** An id that another's task has is not given to one's own. */
async function refuseTaken(
  app: Internals,
  scope: Scope,
  ids: readonly string[],
): Promise<void> {
  if (scope.isForAll || ids.length === 0) return;
  const { broker, backend } = await app.stores.open();
  const [live, known] = await Promise.all([
    broker.inspector.find(ids),
    backend.results.fetch(ids),
  ]);
  const other = [...live, ...known].find((task) =>
    task !== undefined && !isOf(scope, task)
  );
  if (other === undefined) return;
  throw refusedTo(scope, `send ${other.id}, which is another's task`);
}

/** Waits until one of the tasks has ended. */
async function wait(
  app: Internals,
  { scope, body, signal }: Asked,
): Promise<Operations["wait"]["answers"]> {
  const ids = idsIn(body);
  const { ms } = body as { readonly ms?: unknown };
  const limit = typeof ms === "number" && ms >= 0
    ? Math.min(ms, LONGEST_WAIT)
    : LONGEST_WAIT;
  if (!scope.results) throw refusedTo(scope, "read results");
  const done = new AbortController();
  const end = () => done.abort();
  const cancel = app.clock().timer(limit, end);
  signal.addEventListener("abort", end, { once: true });
  try {
    const ended = await Promise.race(
      ids.map((id) => app.waiter.ended(id, limit, done.signal)),
    );
    if (ended === undefined) return { ended: [] };
    // Others may have ended with it.
    const records = await fetch(app, scope, ids);
    return {
      ended: ids.filter((_, index) => records[index]?.ended === true),
    };
  } finally {
    cancel();
    signal.removeEventListener("abort", end);
    end();
  }
}

async function fetch(
  app: Internals,
  scope: Scope,
  ids: readonly string[],
): Promise<readonly (ResultRecord | null)[]> {
  if (!scope.results) throw refusedTo(scope, "read results");
  const { backend } = await app.stores.open();
  const records = await backend.results.fetch(ids);
  return records.map((record) =>
    record !== undefined && isOf(scope, record) ? record : null
  );
}

/** Groups that were saved have no task. */
function isOf(scope: Scope, { task }: { readonly task: string }): boolean {
  return task === "" || task.startsWith("lovage.") || scope.has(task);
}

/**
 * Tasks of others are as if they did not exist, but must not be touched. A
 * guard is taken back by whoever has sent all of a canvas.
 */
async function refuseOthers(
  app: Internals,
  scope: Scope,
  ids: readonly string[],
): Promise<void> {
  const { broker } = await app.stores.open();
  const live = await broker.inspector.find(ids);
  if (live.every((task) => task?.task === GUARD)) return;
  if (!scope.revoke) throw refusedTo(scope, "revoke tasks");
  const other = live.find((task) =>
    task !== undefined && !scope.has(task.task) && task.task !== GUARD
  );
  if (other === undefined) return;
  throw refusedTo(scope, `revoke ${other.id}, which is another's task`);
}

function refusedTo({ name }: Scope, what: string): Refused {
  return new Refused(403, `The token "${name}" may not ${what}`);
}
