/**
 * What an operator can do: one table for forms and API.
 *
 * @module
 */

import type { z } from "zod";
import type { DashboardContext, Notice } from "../context.ts";

/** What an action came to. */
export interface ActionResult extends Notice {
  /** What more there is to say, for programs. */
  readonly details?: Readonly<Record<string, unknown>> | undefined;
  /** Whether what was given would not do. Defaults to `false`. */
  readonly mistaken?: boolean | undefined;
}

/** Something that can be done. */
export interface Action<Input = never> {
  /** What it does, in a line. */
  readonly summary: string;
  /** What it takes. Forms send text: numbers and switches are read from it. */
  readonly input: z.ZodType<Input>;
  /** Does it. */
  run(context: DashboardContext, input: Input): Promise<ActionResult>;
}

/** An action with its input, checked against each other. */
export function action<Input>(given: Action<Input>): Action {
  return given as unknown as Action;
}
