/**
 * Refuses canvases that could hang: one of whose tasks is not sent if another
 * one is like it, or whose limits count by arguments that come later.
 *
 * @module
 */

import { ConfigError } from "../errors.ts";
import type { Internals } from "../internals.ts";
import {
  type CanvasJson,
  isChord,
  isGroup,
  isSignature,
  stepsOf,
} from "../message/canvas_json.ts";
import type { SignatureJson } from "../message/signature_json.ts";
import { unknownArguments } from "../producer/attachments.ts";
import type { TaskLimits } from "../task_limits.ts";

/**
 * Looks at every task in a canvas.
 *
 * @throws {ConfigError} naming the task that cannot be part of it
 */
export function refuseUnique(app: Internals, json: CanvasJson): void {
  let afterGroup = false;
  for (const step of stepsOf(json)) {
    if (isGroup(step)) {
      for (const member of step.group) refuseUnique(app, member);
    } else if (isChord(step)) {
      for (const member of step.chord) refuseUnique(app, member);
      refuseUnique(app, step.body);
      const [first] = stepsOf(step.body);
      if (first !== undefined) refuseKeys(app, first);
    } else if (isSignature(step)) {
      refuseOne(app, step);
      refuseInLinks(app, step);
      if (afterGroup) refuseKeys(app, step);
    }
    afterGroup = isGroup(step);
  }
}

/** Canvases may follow a task; a task alone that does may be skipped. */
function refuseInLinks(app: Internals, { options }: SignatureJson): void {
  for (const name of ["link", "linkError"]) {
    const links = options[name] as readonly CanvasJson[] | undefined;
    for (const each of links ?? []) {
      if (isSignature(each)) refuseInLinks(app, each);
      else refuseUnique(app, each);
    }
  }
}

function refuseOne(app: Internals, { task, options }: SignatureJson): void {
  const { unique = limitsOf(app, task)?.unique ?? false } = options;
  if (unique === false) return;
  throw new ConfigError(
    `Task "${task}" is unique, so it cannot be part of a chain, group or chord: when one like it is there already it is not sent, and what comes after it would never come. Give its signature { unique: false } to send it whatever there is, or send it from a task of the canvas`,
  );
}

/** What takes the results of a group gets them when it is its turn. */
function refuseKeys(app: Internals, json: CanvasJson): void {
  if (!isSignature(json)) return;
  const limits = limitsOf(app, json.task);
  const keys = [limits?.rate?.key, limits?.concurrency?.key];
  if (keys.some((key) => typeof key === "function")) {
    throw unknownArguments(json.task);
  }
}

function limitsOf(app: Internals, task: string): TaskLimits | null {
  return app.tasks.get(task)?.policy(app.settings()).limits ?? null;
}
