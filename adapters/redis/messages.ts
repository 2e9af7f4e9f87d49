/**
 * Messages and records as arguments of scripts: in groups that the server can
 * handle with few commands, however many there are in one.
 *
 * @module
 */

import type { Message, ResultRecord } from "../../src/contracts/mod.ts";
import type { Argument } from "./client.ts";
import {
  escapeLine,
  hasSoundNames,
  levelOf,
  packFresh,
  packMessage,
  packRecord,
} from "./format.ts";
import { MOST_FRESH } from "./scripts/publish_fresh.ts";

interface Group {
  readonly head: readonly Argument[];
  readonly ids: string[];
  readonly packs: string[];
  readonly indexes: number[];
  readonly etas: number[];
  readonly owners: number[];
}

/** Whether a message asks for more than its place in a queue. */
export function isSpecial({ limits, unique, replace }: Message): boolean {
  return limits !== undefined || unique !== undefined || replace === true;
}

/**
 * Messages one by one, whatever they are: some have the same id.
 *
 * @param owners whose successor each of them is, in a settlement
 */
export function specialArguments(
  messages: readonly Message[],
  now: number,
  owners?: readonly number[],
): Argument[] {
  const groups = new Map<string, Group>();
  messages.forEach((message, index) => {
    const group = addSpecial(groups, message, index, now);
    if (owners !== undefined) group.owners.push(owners[index] ?? -1);
  });
  return flatten(groups, messages.length);
}

function addSpecial(
  groups: Map<string, Group>,
  message: Message,
  index: number,
  now: number,
): Group {
  const group = groupOf(groups, [now, 0, 2]);
  group.ids.push(escapeLine(message.id));
  group.packs.push(`${index}\n${packMessage(message)}`);
  group.indexes.push(index);
  group.etas.push(message.replace === true ? 1 : 0);
  return group;
}

/**
 * Messages by queue, level and whether they wait for their etas; those that
 * are special are a group for themselves, in the order of the batch.
 *
 * @param owners whose successor each of them is, in a settlement
 */
export function messageArguments(
  messages: readonly Message[],
  now: number,
  owners?: readonly number[],
): Argument[] {
  const groups = new Map<string, Group>();
  let group: Group | undefined;
  let last: Message | undefined;
  messages.forEach((message, index) => {
    const { id, queue, priority, eta } = message;
    const scheduled = eta !== null && eta > now;
    if (isSpecial(message)) {
      const own = addSpecial(groups, message, index, now);
      if (owners !== undefined) own.owners.push(owners[index] ?? -1);
      return;
    }
    // Most are like the one before.
    if (
      group === undefined || last === undefined || last.queue !== queue ||
      last.priority !== priority || scheduled || last.eta !== null
    ) {
      const level = levelOf(priority);
      const head = [escapeLine(queue), level, scheduled ? 1 : 0];
      group = groupOf(groups, head);
    }
    last = message;
    group.ids.push(escapeLine(id));
    // The index as text: numbers are slow to write in Lua.
    group.packs.push(`${index}\n${packMessage(message)}`);
    group.indexes.push(index);
    if (scheduled) group.etas.push(eta);
    if (owners !== undefined) group.owners.push(owners[index] ?? -1);
  });
  return flatten(groups, messages.length);
}

/** Fewer messages than this have a place each: a bundle is not worth it. */
const FEW = 8;

/**
 * Ready messages of one queue and level, whose ids were made for them and
 * ascend; null if these are not such.
 *
 * @param number of the bundle that they make if they are many
 */
export function freshArguments(
  messages: readonly Message[],
  now: number,
  number: number,
): Argument[] | null {
  const [first] = messages;
  if (first === undefined || messages.length > MOST_FRESH) return null;
  const { queue, priority } = first;
  const bundle = messages.length < FEW ? 0 : number;
  const args = new Array<Argument>(3 + 2 * messages.length);
  args[0] = escapeLine(queue);
  args[1] = levelOf(priority);
  args[2] = bundle;
  let at = 3;
  let last: Message | undefined;
  for (const message of messages) {
    const { id, task, eta } = message;
    if (message.fresh !== true || !isUuid(id)) return null;
    if (isSpecial(message)) return null;
    if (message.queue !== queue || message.priority !== priority) return null;
    if (eta !== null && eta > now) return null;
    if (last !== undefined && id <= last.id) return null;
    if (task !== last?.task && !hasSoundNames(message)) return null;
    last = message;
    args[at++] = id;
    args[at++] = packFresh(message, bundle);
  }
  return args;
}

const UUID_LENGTH = 36;

function isUuid(id: string): boolean {
  return id.length === UUID_LENGTH && id[8] === "-";
}

/**
 * Records by state.
 *
 * @param given the ids of a settlement, which need not be said again if these
 * are all records of theirs
 */
export function recordArguments(
  records: readonly ResultRecord[],
  given?: readonly { readonly id: string }[],
): Argument[] {
  const groups = new Map<string, Group>();
  const expiries = new Map<Group, number>();
  let group: Group | undefined;
  let last: ResultRecord | undefined;
  records.forEach((record, index) => {
    const { id, state, ended, expiresAt } = record;
    if (
      group === undefined || last?.state !== state || last.ended !== ended
    ) group = groupOf(groups, [escapeLine(state), ended ? 1 : 0]);
    last = record;
    group.ids.push(escapeLine(id));
    group.packs.push(`${index}\n${packRecord(record)}`);
    group.indexes.push(index);
    if (expiresAt === null) return;
    const first = expiries.get(group);
    if (first === undefined || expiresAt < first) {
      expiries.set(group, expiresAt);
    }
  });
  const [only] = groups.values();
  if (only !== undefined && groups.size === 1) {
    const isAll = records.length === given?.length &&
      records.every((record, at) => record.id === given[at]?.id);
    const expiry = expiries.get(only) ?? "";
    if (isAll) {
      return [1, records.length, ...only.head, expiry, 0].concat(only.packs);
    }
  }
  return flatten(groups, records.length, (one) => expiries.get(one) ?? "");
}

function groupOf(groups: Map<string, Group>, head: Argument[]): Group {
  const key = head.join("\n");
  let group = groups.get(key);
  if (group === undefined) {
    const columns = { packs: [], indexes: [], etas: [], owners: [] };
    groups.set(key, group = { head, ids: [], ...columns });
  }
  return group;
}

function flatten(
  groups: Map<string, Group>,
  total: number,
  expiryOf?: (group: Group) => Argument,
): Argument[] {
  const args: Argument[] = [groups.size, total];
  for (const group of groups.values()) {
    const { head, ids, packs, indexes, etas, owners } = group;
    args.push(...head);
    if (expiryOf !== undefined) args.push(expiryOf(group));
    args.push(ids.length);
    const several = groups.size > 1;
    for (const column of [ids, packs, several ? indexes : [], etas, owners]) {
      for (const one of column) args.push(one);
    }
  }
  return args;
}

/** For how many of a batch the answer is yes, given the indexes of noes. */
export function answers(count: number, refused: string): boolean[] {
  const all = new Array<boolean>(count).fill(true);
  if (refused === "") return all;
  for (const index of refused.split(",")) all[Number(index)] = false;
  return all;
}
