/**
 * Unfolding: the messages that a frozen canvas begins with, and the groups
 * that are to be counted. What comes later travels with them, and is unfolded
 * when it is its turn.
 *
 * @module
 */

import type { Message } from "../contracts/broker.ts";
import type { GroupPlan } from "../contracts/groups.ts";
import type { Internals } from "../internals.ts";
import {
  type CanvasJson,
  type ChordJson,
  type GroupJson,
  isChord,
  isGroup,
  isSignature,
  membersOf,
  stepsOf,
} from "../message/canvas_json.ts";
import type { Envelope, GivenOutcome, HeaderRef } from "../message/envelope.ts";
import { memberId } from "../message/ids.ts";
import { chainRest } from "../message/later_steps.ts";
import type { SignatureJson } from "../message/signature_json.ts";
import type { Parent } from "../producer/envelopes.ts";
import { signatureFromJson } from "../producer/signature.ts";
import { COLLECT } from "./collect.ts";
import { lastId } from "./freeze.ts";

/** What a canvas unfolds to. */
export interface Unfolded {
  /** The envelopes of what is sent now. */
  readonly envelopes: Envelope[];
  /** The groups that begin with them, and their bodies. */
  readonly plans: UnfoldedPlan[];
}

/** A group that is to be counted. */
export type UnfoldedPlan = Omit<GroupPlan, "body"> & {
  readonly body: Envelope;
};

/** What a canvas is unfolded with. */
export interface UnfoldContext {
  /** The task that it is sent by or follows. */
  readonly parent?: Parent | undefined;
  /** What its first tasks take before their own arguments. */
  readonly values: readonly unknown[];
  /** What ends its tasks before they can run. */
  readonly outcome?: GivenOutcome | undefined;
}

/** What is left to do after a task, and who waits for that. */
export type Continuation = Pick<
  Envelope,
  "chain" | "later" | "group" | "groupIndex" | "chord"
>;

/** Unfolds a frozen canvas. */
export function unfold(
  app: Internals,
  canvas: CanvasJson,
  context: UnfoldContext,
  then: Continuation = {},
): Unfolded {
  const unfolding = new Unfolding(app, context);
  unfolding.steps([...stepsOf(canvas), ...then.chain ?? []], then);
  return unfolding;
}

class Unfolding implements Unfolded {
  readonly envelopes: Envelope[] = [];
  readonly plans: UnfoldedPlan[] = [];
  readonly #app: Internals;
  readonly #context: UnfoldContext;

  constructor(app: Internals, context: UnfoldContext) {
    this.#app = app;
    this.#context = context;
  }

  /** The first step, with the others to follow. */
  steps(
    [first, ...rest]: readonly CanvasJson[],
    then: Continuation,
    values: readonly unknown[] = this.#context.values,
  ): void {
    if (first === undefined) return;
    if (isChord(first)) {
      this.#chord(first, [...stepsOf(first.body), ...rest], then, values);
    } else if (isGroup(first)) {
      this.#group(first, rest, then, values);
    } else {
      const envelope = this.#envelope(first as SignatureJson, values);
      this.envelopes.push({ ...envelope, ...continued(rest, then) });
    }
  }

  #group(
    json: GroupJson,
    rest: readonly CanvasJson[],
    then: Continuation,
    values: readonly unknown[],
  ): void {
    const { id, group, listId } = json;
    if (rest.length > 0 || then.chord === true) {
      const body = [
        collect(listId ?? memberId(id ?? "", group.length)),
        ...rest,
      ];
      const [next] = rest;
      // The list itself is nobody's result, unless it is the last.
      const steps = next !== undefined && isSignature(next) ? rest : body;
      const chord = { id, chord: membersOf(group), body: { chain: [] } };
      return this.#chord(chord, steps, then, values);
    }
    for (const [index, member] of group.entries()) {
      this.steps(stepsOf(member), { group: id, groupIndex: index }, values);
    }
  }

  #chord(
    { id = "", chord: header }: ChordJson,
    bodySteps: readonly CanvasJson[],
    then: Continuation,
    values: readonly unknown[],
  ): void {
    const [first] = bodySteps;
    const steps = first !== undefined && isSignature(first) && !isTimed(first)
      ? bodySteps
      : [collect(memberId(id, header.length)), ...bodySteps];
    if (header.length === 0) return this.steps(steps, then, [[]]);
    const [head, ...rest] = steps;
    const body = this.#envelope(head as SignatureJson, []);
    this.plans.push({
      id,
      size: header.length,
      body: {
        ...body,
        ...continued(rest, then),
        header: headerRef(id, header, (head as SignatureJson).immutable),
      },
      expiresAt: this.#expiry(),
    });
    for (const [index, member] of header.entries()) {
      const own = { group: id, groupIndex: index, chord: true };
      this.steps(stepsOf(member), own, values);
    }
  }

  #envelope(json: SignatureJson, values: readonly unknown[]): Envelope {
    const { producer } = this.#app;
    const signature = signatureFromJson(producer, json);
    const args = signature.immutable
      ? signature.args
      : [...values, ...signature.args];
    const { parent, outcome } = this.#context;
    const envelope = producer.envelope(
      signature.task,
      args,
      signature.options,
      parent,
    );
    return outcome === undefined ? envelope : { ...envelope, outcome };
  }

  // As long as results are kept, a group can be waited for.
  #expiry(): number | null {
    const { resultExpires } = this.#app.settings();
    return resultExpires === null
      ? null
      : this.#app.clock().now() + resultExpires;
  }
}

// What is said from its turn on cannot be told before it is its turn.
function isTimed(json: CanvasJson): boolean {
  const { countdown, expires } = (json as SignatureJson).options;
  return countdown !== undefined || expires !== undefined;
}

function collect(taskId: string): SignatureJson {
  return { task: COLLECT, args: [], options: { taskId } };
}

function continued(
  rest: readonly CanvasJson[],
  { later, group, groupIndex, chord }: Continuation,
): Continuation {
  return { ...chainRest(rest, later), group, groupIndex, chord };
}

function headerRef(
  group: string,
  header: readonly CanvasJson[],
  isIgnored: boolean | undefined,
): HeaderRef {
  const chosen: Record<string, string> = {};
  for (const [index, member] of header.entries()) {
    const id = lastId(member);
    if (id !== memberId(group, index)) chosen[index] = id;
  }
  return {
    group,
    size: header.length,
    ...(Object.keys(chosen).length === 0 ? {} : { ids: chosen }),
    ...(isIgnored === true ? { isIgnored } : {}),
  };
}

/** The messages of what was unfolded. */
export function messagesOf(
  app: Internals,
  { envelopes, plans }: Unfolded,
): {
  readonly publish: readonly Message[];
  readonly groups: readonly GroupPlan[];
} {
  const { producer } = app;
  return {
    publish: envelopes.map((each) => producer.message(each)),
    groups: plans.map((plan) => ({
      ...plan,
      body: producer.message(plan.body),
    })),
  };
}
