/**
 * A canvas in the place of a task: what follows from the task follows from
 * what ends last in the canvas.
 *
 * @module
 */

import {
  type CanvasJson,
  isChord,
  isGroup,
  stepsOf,
} from "../message/canvas_json.ts";
import type { Envelope } from "../message/envelope.ts";
import type { SignatureJson } from "../message/signature_json.ts";
import { COLLECT } from "./collect.ts";

/** The callbacks of a task. */
type Callbacks = Pick<Envelope, "link" | "linkError">;

/** A canvas that ends in one task, with the callbacks of another. */
export function endingAs(canvas: CanvasJson, callbacks: Callbacks): CanvasJson {
  const steps = stepsOf(canvas);
  const last = steps.at(-1);
  if (last === undefined || isGroup(last)) {
    const list = { task: COLLECT, args: [], options: {} };
    return endingAs({ chain: [...steps, list] }, callbacks);
  }
  const ending = isChord(last)
    ? { ...last, body: endingAs(last.body, callbacks) }
    : withCallbacks(last as SignatureJson, callbacks);
  return { chain: [...steps.slice(0, -1), ending] };
}

/** The id that it may have is not its own any more. */
function withCallbacks(
  signature: SignatureJson,
  { link, linkError }: Callbacks,
): SignatureJson {
  const { taskId: _, ...options } = signature.options;
  const both = (name: keyof Callbacks, more: readonly CanvasJson[] = []) => {
    const all = [...options[name] as CanvasJson[] ?? [], ...more];
    return all.length === 0 ? {} : { [name]: all };
  };
  return {
    ...signature,
    options: {
      ...options,
      ...both("link", link),
      ...both("linkError", linkError),
    },
  };
}
