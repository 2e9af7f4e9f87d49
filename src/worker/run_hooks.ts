/**
 * Tells the hooks of a task, and the app's listeners, how a run of it goes.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import type { TaskContext } from "../context.ts";
import { Retry } from "../errors.ts";
import type { AppEvents, EventName, TaskEvent } from "../events.ts";
import type { Internals } from "../internals.ts";
import type { Envelope } from "../message/envelope.ts";
import type { AnyTask } from "../task.ts";
import { stateOf } from "./classify.ts";
import type { OutcomeDetail } from "./outcome.ts";

/** A run, as those see it who follow it. */
export interface FollowedRun {
  /** The app. */
  readonly app: Internals;
  /** The task. */
  readonly task: AnyTask;
  /** Its envelope. */
  readonly envelope: Envelope;
  /** The arguments, as far as they were checked. */
  readonly args: readonly unknown[];
  /** The task's context, made when it is asked for. */
  self(): TaskContext;
}

/** Whether anybody wants to know how a run of a task went. */
export function isFollowed(app: Internals, { options }: AnyTask): boolean {
  return options.onSuccess !== undefined ||
    options.afterReturn !== undefined || !app.hooks.isEmpty;
}

/** Tells listeners of a run that begins. */
export function tellBegun(
  app: Internals,
  envelope: Envelope,
  args: readonly unknown[],
): void {
  emit(app, envelope, "taskPrerun", { args });
}

/** Tells hooks and listeners of a run that returned. */
export async function tellReturned(
  run: FollowedRun,
  result: unknown,
): Promise<void> {
  const { app, task, envelope, args } = run;
  const { onSuccess, afterReturn } = task.options;
  if (onSuccess !== undefined) {
    await guarded("onSuccess", () => onSuccess(run.self(), result, args));
  }
  emit(app, envelope, "taskSuccess", { result });
  if (afterReturn !== undefined) {
    await guarded(
      "afterReturn",
      () => afterReturn(run.self(), "SUCCESS", result, args),
    );
  }
  emit(app, envelope, "taskPostrun", { args, state: "SUCCESS", result });
}

/** Tells hooks and listeners of a run that threw. */
export async function tellThrew(
  run: FollowedRun,
  detail: OutcomeDetail,
  thrown: unknown,
): Promise<void> {
  const { app, task, envelope, args } = run;
  const { onRetry, onFailure, afterReturn } = task.options;
  const context = run.self();
  const error = thrown instanceof Retry ? thrown.cause ?? thrown : thrown;
  if (detail.kind === "retry") {
    await guarded("onRetry", () => onRetry?.(context, error, args));
    emit(app, envelope, "taskRetry", { reason: error, eta: detail.eta });
  } else if (detail.kind === "failure") {
    await guarded("onFailure", () => onFailure?.(context, error, args));
    emit(app, envelope, "taskFailure", { error });
  }
  const state = stateOf(detail);
  await guarded(
    "afterReturn",
    () => afterReturn?.(context, state, error, args),
  );
  emit(app, envelope, "taskPostrun", { args, state, result: error });
}

function emit<Name extends EventName>(
  { hooks }: Internals,
  { id, task }: Envelope,
  name: Name,
  event: Omit<AppEvents[Name], keyof TaskEvent>,
): void {
  if (!hooks.has(name)) return;
  hooks.emit(name, { ...event, taskId: id, task } as AppEvents[Name]);
}

/** A hook that throws is logged; what came of the task stands. */
async function guarded(hook: string, call: () => unknown): Promise<void> {
  try {
    await call();
  } catch (error) {
    getLogger(["lovage", "hooks"]).error(`${hook} threw: ${error}`, { error });
  }
}
