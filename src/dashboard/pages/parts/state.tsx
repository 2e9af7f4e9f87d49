/**
 * States: a word, a sign and a colour, so that none of them is needed.
 *
 * @module
 */

import { Icon, type IconName } from "./icon.tsx";
import type { View } from "./view.ts";

/** How a state looks. */
export type Look =
  | "pending"
  | "scheduled"
  | "received"
  | "started"
  | "retry"
  | "success"
  | "failure"
  | "revoked"
  | "dead";

const LOOKS: Readonly<Record<string, Look>> = {
  PENDING: "pending",
  QUEUED: "pending",
  SCHEDULED: "scheduled",
  RECEIVED: "received",
  STARTED: "started",
  RUNNING: "started",
  RETRY: "retry",
  SUCCESS: "success",
  FAILURE: "failure",
  REJECTED: "failure",
  REVOKED: "revoked",
  DEAD: "dead",
};

/** How a state looks; one of the user's own looks like a task on its way. */
export function lookOf(state: string): Look {
  return LOOKS[state.toUpperCase()] ?? "pending";
}

/** A state in words: those of Celery, as a word is written. */
export function stateWord(state: string): string {
  if (LOOKS[state.toUpperCase()] === undefined) return state;
  return state.charAt(0).toUpperCase() + state.slice(1).toLowerCase();
}

/** A state as a badge. */
export function State({ state }: { readonly state: string }): View {
  const look = lookOf(state);
  return (
    <span class={`state s-${look}`}>
      <Icon name={look satisfies IconName} size={12} />
      {stateWord(state)}
    </span>
  );
}
