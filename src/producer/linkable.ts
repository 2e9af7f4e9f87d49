/**
 * What can follow a task: a signature, or a whole canvas.
 *
 * @module
 */

import type { CanvasJson } from "../message/canvas_json.ts";

/** A signature or a canvas. */
export interface Linkable {
  /** Plain data. */
  toJSON(): CanvasJson;
}

/**
 * A canvas that has travelled. Its tasks and groups have ids, which a canvas
 * that is made of it would not have.
 */
export class WrittenCanvas implements Linkable {
  readonly #json: CanvasJson;

  /** Keeps it as it is. */
  constructor(json: CanvasJson) {
    this.#json = json;
  }

  /** Plain data. */
  toJSON(): CanvasJson {
    return this.#json;
  }
}

/** Whether a value can follow a task. */
export function isLinkable(value: unknown): value is Linkable {
  return value instanceof WrittenCanvas ||
    (typeof value === "object" && value !== null && "toJSON" in value &&
      "withDefaults" in value);
}
