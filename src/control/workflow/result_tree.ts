/**
 * The tree of a workflow: the tasks that one led to, and the groups of those
 * that no task led to.
 *
 * @module
 */

import type { LiveStatus } from "../../contracts/inspector.ts";
import { headerMember, memberId } from "../../message/ids.ts";
import { PAGE, type TaskFacts, type TaskFinder } from "./task_facts.ts";

/** The most tasks of a tree. */
export const MOST_TASKS = 1_000;

/** A task in a tree. */
export interface TaskNode {
  /** Its id. */
  readonly id: string;
  /** Its name, when it is known. */
  readonly task: string | null;
  /** Its state. */
  readonly state: string;
  /** Where it is, if it is in a queue or with a worker. */
  readonly live: LiveStatus | null;
  /** How long it ran, or has run so far (ms). */
  readonly ms: number | null;
  /** Its error: name and message. */
  readonly error: string | null;
  /** Whether anything is known of it. */
  readonly known: boolean;
  /** Whether it is the task that was asked for. */
  readonly asked: boolean;
  /** Whether it takes the results of a group: it is the body of a chord. */
  readonly body: boolean;
  /** What it sent or led to. */
  readonly children: TreeNode[];
}

/** A group that was sent by no task. */
export interface GroupNode {
  /** The id of the group. */
  readonly group: string;
  /** Its members, and what took their results. */
  readonly children: TreeNode[];
}

/** A task or a group. */
export type TreeNode = TaskNode | GroupNode;

/** A workflow. */
export interface ResultTree {
  /** What it began with; the task that was asked for is in it. */
  readonly tree: readonly TreeNode[];
  /** How many tasks are known of that are not in it. */
  readonly more: number;
}

/**
 * The workflow that a task is part of. Above its first task stand the groups
 * that this one is a member of, or takes the results of.
 *
 * @param most how many tasks are shown at most
 */
export async function treeOf(
  finder: TaskFinder,
  asked: string,
  most: number = MOST_TASKS,
): Promise<ResultTree> {
  const [task] = await finder.find([asked]);
  const [root] = await finder.find([task?.rootId ?? asked]);
  const growth = new Growth(finder, asked, most);
  if (root?.known === true) await growth.begin(root);
  await growth.grow();
  // What it began with may have expired, or may not name it.
  growth.addAsked();
  await growth.grow();
  return { tree: growth.tree, more: growth.more };
}

/** A tree that grows level by level, each with one look at the stores. */
class Growth {
  readonly tree: TreeNode[] = [];
  readonly #finder: TaskFinder;
  readonly #asked: string;
  readonly #most: number;
  readonly #tasks = new Set<string>();
  readonly #groups = new Set<string>();
  // Those for which there is no room: by id, and members by their number.
  readonly #left = new Set<string>();
  #leftMembers = 0;
  #level: TaskNode[] = [];

  constructor(finder: TaskFinder, asked: string, most: number) {
    this.#finder = finder;
    this.#asked = asked;
    this.#most = most;
  }

  get more(): number {
    return this.#left.size + this.#leftMembers;
  }

  /** Begins with the first task of a line, and the group that it is in. */
  async begin(root: TaskFacts): Promise<void> {
    if (root.group === undefined) await this.#line(root, this.tree);
    else await this.#group(root.group);
  }

  /** Adds the task that was asked for, if it is not there. */
  addAsked(): void {
    if (this.#tasks.has(this.#asked)) return;
    this.#left.delete(this.#asked);
    this.#put(this.#asked, this.tree);
  }

  /** Adds what tasks led to, until there is no more. */
  async grow(): Promise<void> {
    while (this.#level.length > 0) {
      const level = this.#level;
      this.#level = [];
      const facts = await this.#finder.find(level.map(({ id }) => id));
      for (const [at, node] of level.entries()) {
        const { header, task, state, live, ms, error, known, children } =
          facts[at] as TaskFacts;
        const body = header !== undefined;
        Object.assign(node, { task, state, live, ms, error, known, body });
        for (const id of children) this.#add(id, node.children);
      }
    }
  }

  /**
   * A group whose members begin lines of their own. Nobody says how many it
   * has, but their ids follow from its own.
   */
  async #group(group: string): Promise<void> {
    const siblings = this.#groupNode(group, this.tree);
    for (let from = 0; this.more === 0; from += PAGE) {
      const ids = Array.from(
        { length: PAGE },
        (_, at) => memberId(group, from + at),
      );
      const facts = await this.#finder.find(ids);
      const known = facts.filter((each) => each.known);
      if (known.length === 0) break;
      await this.#lines(known, siblings);
    }
  }

  /** A line; before one that takes the results of a group, that group. */
  async #line(root: TaskFacts, siblings: TreeNode[]): Promise<void> {
    const { id, header } = root;
    if (header === undefined || this.#groups.has(header.group)) {
      return this.#add(id, siblings);
    }
    const own = this.#groupNode(header.group, siblings);
    const room = Math.max(0, this.#most - this.#tasks.size - 1);
    const size = Math.min(header.size, room);
    const ids = Array.from(
      { length: size },
      (_, at) => headerMember(header, at),
    );
    this.#leftMembers += header.size - size;
    await this.#lines(await this.#finder.find(ids), own);
    this.#add(id, own);
  }

  /** The lines that tasks are in, each once. */
  async #lines(
    tasks: readonly TaskFacts[],
    siblings: TreeNode[],
  ): Promise<void> {
    const roots = await this.#finder.find(tasks.map(({ rootId }) => rootId));
    for (const [at, task] of tasks.entries()) {
      const root = roots[at] as TaskFacts;
      await this.#line(root.known ? root : task, siblings);
    }
  }

  #groupNode(group: string, siblings: TreeNode[]): TreeNode[] {
    this.#groups.add(group);
    const children: TreeNode[] = [];
    siblings.push({ group, children });
    return children;
  }

  #add(id: string, siblings: TreeNode[]): void {
    if (this.#tasks.has(id)) return;
    if (this.#tasks.size >= this.#most) this.#left.add(id);
    else this.#put(id, siblings);
  }

  #put(id: string, siblings: TreeNode[]): void {
    const node: TaskNode = {
      id,
      task: null,
      state: "PENDING",
      live: null,
      ms: null,
      error: null,
      known: false,
      asked: id === this.#asked,
      body: false,
      children: [],
    };
    this.#tasks.add(id);
    this.#level.push(node);
    siblings.push(node);
  }
}
