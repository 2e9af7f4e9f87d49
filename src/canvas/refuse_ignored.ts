/**
 * Refuses chords that could never be: whose header has a task that stores no
 * result.
 *
 * @module
 */

import { ConfigError } from "../errors.ts";
import type { Internals } from "../internals.ts";
import {
  type CanvasJson,
  isChain,
  isChord,
  isGroup,
  stepsOf,
} from "../message/canvas_json.ts";
import type { SignatureJson } from "../message/signature_json.ts";

/**
 * Looks at every header in a canvas.
 *
 * @throws {ConfigError} naming the task that ignores its result
 */
export function refuseIgnored(app: Internals, json: CanvasJson): void {
  const steps = stepsOf(json);
  for (const [at, step] of steps.entries()) {
    const isFollowed = at < steps.length - 1;
    if (isGroup(step)) {
      for (const each of step.group) {
        if (isFollowed) refuseMember(app, each);
        refuseIgnored(app, each);
      }
    } else if (isChord(step)) {
      for (const each of step.chord) {
        refuseMember(app, each);
        refuseIgnored(app, each);
      }
      refuseIgnored(app, step.body);
    } else refuseInLinks(app, step as SignatureJson);
  }
}

/** Canvases may follow a task. */
function refuseInLinks(app: Internals, { options }: SignatureJson): void {
  for (const name of ["link", "linkError"]) {
    const links = options[name] as readonly CanvasJson[] | undefined;
    for (const each of links ?? []) refuseIgnored(app, each);
  }
}

/** Whether a task stores no result, as far as is known here. */
export function ignoresResult(app: Internals, json: SignatureJson): boolean {
  const ignored = json.options["ignoreResult"] ??
    app.tasks.get(json.task)?.policy(app.settings()).ignoreResult;
  return ignored === true;
}

/** What ends last in a member stores what the body is to take. */
function refuseMember(app: Internals, json: CanvasJson): void {
  if (isChain(json)) {
    const last = json.chain.at(-1);
    if (last !== undefined) refuseMember(app, last);
  } else if (isGroup(json)) {
    for (const each of json.group) refuseMember(app, each);
  } else if (isChord(json)) refuseMember(app, json.body);
  else if (ignoresResult(app, json)) {
    throw new ConfigError(
      `Task "${json.task}" ignores its result, so it cannot be a member of a chord's header, whose body takes that result: send it with { ignoreResult: false }`,
    );
  }
}
