/**
 * Settlements as arguments: cut into steps that the server carries out one
 * after the other, each with few commands for all of its deliveries. Within a
 * step come first the deliveries, then their records, then their successors,
 * then the groups that begin or are counted; whatever would see another order
 * begins a new step.
 *
 * @module
 */

import type {
  Message,
  ResultRecord,
  SettleAction,
  Settlement,
} from "../../src/contracts/mod.ts";
import type { Argument } from "./client.ts";
import { escapeLine, levelOf, packMessage } from "./format.ts";
import { hasGroups, SettledGroups } from "./groups.ts";
import {
  isSpecial,
  messageArguments,
  recordArguments,
  specialArguments,
} from "./messages.ts";
import type { PlainLeases } from "./plain_leases.ts";

/** The most deliveries of a step: what the stack of Lua can take. */
const LONGEST_STEP = 2_000;

class Step {
  readonly settlements: Settlement[] = [];
  readonly #simple: boolean;
  readonly #plain: PlainLeases;
  readonly #ids = new Set<string>();
  readonly #records: ResultRecord[] = [];
  readonly #recordIds = new Set<string>();
  readonly #successors: Message[] = [];
  readonly #owners: number[] = [];
  readonly #successorIds = new Set<string>();
  readonly #first: number;
  #groups: SettledGroups | undefined;
  /** Whether a successor has a key, which others may take or give. */
  #hasKeys = false;
  /** Whether there are several of one id: which one is added, the server sees. */
  #hasRivals = false;

  constructor(first: number, simple: boolean, plain: PlainLeases) {
    this.#first = first;
    this.#simple = simple;
    this.#plain = plain;
  }

  /** Whether a settlement can be part of this step. */
  takes(one: Settlement): boolean {
    const { id, action, result, publish, groups } = one;
    if (isSimple(one) !== this.#simple || this.#hasKeys) return false;
    if (this.settlements.length >= LONGEST_STEP) return false;
    if (this.#ids.has(id)) return false;
    if (result !== undefined && this.#recordIds.has(result.id)) return false;
    if (groups?.some((plan) => this.#groups?.counts(plan.id))) return false;
    if (this.#successorIds.size === 0) return true;
    if (action.kind === "requeue" || this.#successorIds.has(id)) return false;
    if (result !== undefined && this.#successorIds.has(result.id)) return false;
    return !publish?.some((message) => this.#successorIds.has(message.id));
  }

  add(one: Settlement): void {
    const { id, result, publish } = one;
    const owner = this.#first + this.settlements.length;
    this.settlements.push(one);
    this.#ids.add(id);
    if (result !== undefined) {
      this.#records.push(result);
      this.#recordIds.add(result.id);
    }
    for (const message of publish ?? []) {
      this.#hasKeys ||= isSpecial(message);
      if (this.#successorIds.has(message.id)) {
        // Where the first is refused, and not since its id is live.
        if (!this.#hasKeys) continue;
        this.#hasRivals = true;
      }
      this.#successorIds.add(message.id);
      this.#successors.push(message);
      this.#owners.push(owner);
    }
    if (!hasGroups(one)) return;
    this.#groups ??= new SettledGroups();
    this.#groups.add(one, owner);
  }

  write(args: Argument[], now: number): void {
    const { settlements } = this;
    args.push(this.#simple ? "A" : "S", settlements.length);
    if (this.#simple) {
      for (const { id } of settlements) args.push(escapeLine(id));
      args.push(...tokenRuns(settlements), ...this.#special());
    } else {
      for (const one of settlements) {
        const { id, token, action, result } = one;
        args.push(escapeLine(id), token, LETTERS[action.kind]);
        if (isLost(action)) args[args.length - 1] = "l";
        args.push(escapeLine(result?.id ?? id), this.#plain.has(one) ? 0 : 1);
        args.push(...detailsOf(action, now));
      }
    }
    const given = this.#simple ? settlements : undefined;
    for (const arg of recordArguments(this.#records, given)) args.push(arg);
    const arrange = this.#hasRivals ? specialArguments : messageArguments;
    const successors = arrange(this.#successors, now, this.#owners);
    for (const arg of successors) args.push(arg);
    this.#groups?.write(args);
  }

  /** How many may have limits or a key, and which, counted from 1. */
  #special(): Argument[] {
    const places: Argument[] = [];
    this.settlements.forEach((one, at) => {
      if (!this.#plain.has(one)) places.push(at + 1);
    });
    return [places.length, ...places];
  }
}

const LETTERS: Readonly<Record<SettleAction["kind"], string>> = {
  ack: "a",
  release: "r",
  requeue: "q",
  dead: "d",
};

/**
 * The arguments of a batch.
 *
 * @param plain which leases are of messages without limits and keys
 */
export function settleArguments(
  batch: readonly Settlement[],
  now: number,
  plain: PlainLeases,
): Argument[] {
  const args: Argument[] = [];
  let step: Step | undefined;
  batch.forEach((settlement, index) => {
    if (!step?.takes(settlement)) {
      step?.write(args, now);
      step = new Step(index, isSimple(settlement), plain);
    }
    step.add(settlement);
  });
  step?.write(args, now);
  return args;
}

/** Acknowledged, with no record of another id: the usual case. */
function isSimple({ id, action, result }: Settlement): boolean {
  return action.kind === "ack" && (result === undefined || result.id === id);
}

/** How many runs, then token and length of each: mostly there is but one. */
function tokenRuns(settlements: readonly Settlement[]): Argument[] {
  const runs: [token: number, length: number][] = [];
  for (const { token } of settlements) {
    const last = runs.at(-1);
    if (last?.[0] === token) last[1]++;
    else runs.push([token, 1]);
  }
  return [runs.length, ...runs.flat()];
}

function isLost(action: SettleAction): boolean {
  return action.kind === "release" && action.lost === true;
}

function detailsOf(action: SettleAction, now: number): Argument[] {
  if (action.kind === "dead") {
    return [escapeLine(action.reason), escapeLine(action.detail)];
  }
  if (action.kind !== "requeue") return [];
  const { message } = action;
  const { queue, priority, eta } = message;
  const scheduled = eta !== null && eta > now;
  return [
    escapeLine(queue),
    levelOf(priority),
    isSpecial(message) ? 2 : scheduled ? 1 : 0,
    `0\n${packMessage(message)}`,
    eta ?? "",
  ];
}
