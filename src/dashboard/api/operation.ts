/**
 * What a route of the API takes, answers and does: routes and OpenAPI document
 * are made from the same tables of these.
 *
 * @module
 */

import type { z } from "zod";
import type { DashboardContext } from "../context.ts";

/** A route. */
export interface Operation<Input = never, Answer = unknown> {
  /** What it is for, in a line. */
  readonly summary: string;
  /** Its method; what is asked with `get` changes nothing. */
  readonly method: "get" | "post";
  /**
   * What it takes: in its address, with `post` also in a form or as JSON. The
   * schema refuses what it does not know.
   */
  readonly input: z.ZodType<Input>;
  /** Whether programs usually send it as JSON. Defaults to `false`. */
  readonly inBody?: boolean | undefined;
  /** What it answers, as JSON. */
  readonly answer: z.ZodType<Answer>;
  /** Why it may refuse what is well-formed: sentences by status. */
  readonly refusals?: Readonly<Record<number, string>> | undefined;
  /**
   * Does it.
   *
   * @param name the part of its path that varies; `""` without one
   * @returns the answer; `null` when nothing is known of `name`
   */
  run(
    context: DashboardContext,
    input: Input,
    name: string,
  ): Promise<Answer | null>;
}

/** Routes by their paths; `{id}` stands for the part that varies. */
export type Operations = Readonly<Record<string, Operation>>;

/** A route with its input and its answer, checked against each other. */
export function operation<Input, Answer>(
  given: Operation<Input, Answer>,
): Operation {
  return given as unknown as Operation;
}

/** The names of what varies in a path. */
export function variablesIn(path: string): readonly string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
}
