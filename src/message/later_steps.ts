/**
 * The far part of a long chain: text, a step in each line. It travels with
 * every link, which only cuts its first line off: to read and to write all of
 * it each time is what long chains would spend their time on. For the same
 * reason an id that follows on that of the step before is not said.
 *
 * @module
 */

import { DecodeError } from "../errors.ts";
import type { CanvasJson } from "./canvas_json.ts";
import { followingId } from "./ids.ts";

/** So many steps ahead are at hand. */
const NEAR = 4;

/** The rest of a chain. */
export interface ChainRest {
  /** The next steps; the first is next. */
  readonly chain?: readonly CanvasJson[] | undefined;
  /** The steps after those, a line of JSON for each. */
  readonly later?: string | undefined;
}

/** Splits the rest of a chain into what is near and what comes later. */
export function chainRest(
  steps: readonly CanvasJson[],
  later: string | undefined,
): ChainRest {
  if (steps.length === 0 && later === undefined) return NOTHING;
  if (steps.length <= NEAR) return { chain: steps, later };
  const lines: string[] = [];
  for (let at = NEAR; at < steps.length; at++) {
    lines.push(line(steps[at] as CanvasJson, steps[at - 1] as CanvasJson));
  }
  if (later !== undefined) lines.push(later);
  return { chain: steps.slice(0, NEAR), later: lines.join("\n") };
}

function line(step: CanvasJson, before: CanvasJson): string {
  const id = idOf(step);
  if (id === undefined || id !== followingId(idOf(before))) {
    return JSON.stringify(step);
  }
  return JSON.stringify({
    ...step,
    options: { ...optionsOf(step), taskId: undefined },
  });
}

const NOTHING: ChainRest = { chain: undefined, later: undefined };

/** What a step unfolds to depends on the one after it: both are at hand. */
const AT_HAND = 2;

/**
 * The same rest with the next steps at hand, as far as there are any.
 *
 * @param id that of the task itself, which the next one's may follow on
 * @throws {DecodeError} when one of their lines is no JSON
 */
export function withNextSteps(
  id: unknown,
  chain: readonly unknown[],
  later: string,
): { readonly chain: readonly unknown[]; readonly later?: string | undefined } {
  const steps = [...chain];
  let at = 0;
  while (steps.length < AT_HAND && at <= later.length) {
    const end = later.indexOf("\n", at);
    const text = later.slice(at, end < 0 ? undefined : end);
    const before = steps.length === 0 ? id : idOf(steps.at(-1));
    steps.push(withId(parseStep(text), before));
    at += text.length + 1;
  }
  return {
    chain: steps,
    later: at > later.length ? undefined : later.slice(at),
  };
}

function withId(step: unknown, before: unknown): unknown {
  const options = optionsOf(step);
  if (options === undefined || "taskId" in options) return step;
  const taskId = followingId(before);
  return { ...step as object, options: { ...options, taskId } };
}

function idOf(step: unknown): unknown {
  return optionsOf(step)?.["taskId"];
}

/** The options of what is a signature; what was read may be anything. */
function optionsOf(step: unknown): Record<string, unknown> | undefined {
  if (typeof step !== "object" || step === null) return undefined;
  const { options } = step as { options?: unknown };
  return typeof options === "object" && options !== null
    ? options as Record<string, unknown>
    : undefined;
}

function parseStep(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DecodeError(
      `A step of the message's chain is not JSON: ${(cause as Error).message}`,
      { cause },
    );
  }
}
