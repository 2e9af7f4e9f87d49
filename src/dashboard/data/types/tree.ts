/**
 * The canvas that a task is part of, as it is shown.
 *
 * @module
 */

/** A task in the tree of its canvas. */
export interface TreeTask {
  readonly kind: "task";
  /** Its id. */
  readonly id: string;
  /** Its name, when it is known. */
  readonly name: string | null;
  /** Its state. */
  readonly state: string;
  /** How long it ran, or runs so far. */
  readonly runtime: number | null;
  /** Its error: name and message. */
  readonly error: string | null;
  /** Whether it is the task of the page. */
  readonly asked: boolean;
  /** Whether it is the body of a chord: it takes the results of a group. */
  readonly body: boolean;
  /** What it sent or led to. */
  readonly children: readonly TreeItem[];
}

/** A group in the tree of a canvas. */
export interface TreeGroup {
  readonly kind: "group";
  /** Its id. */
  readonly id: string;
  /** Its members, and what took their results. */
  readonly children: readonly TreeItem[];
}

/** A part of the tree of a canvas. */
export type TreeItem = TreeTask | TreeGroup;

/** The canvas that a task is part of. */
export interface TaskTree {
  /** What it began with. */
  readonly tree: readonly TreeItem[];
  /** How many tasks are known of that are not in it. */
  readonly more: number;
}
