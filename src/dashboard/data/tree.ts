/**
 * The canvas that a task is part of.
 *
 * @module
 */

import { type TreeNode, treeOf } from "../../control/workflow/result_tree.ts";
import { TaskFinder } from "../../control/workflow/task_facts.ts";
import type { OpenStores } from "../../producer/stores.ts";
import type { TaskTree, TreeItem } from "./types/tree.ts";

/** The most tasks of a tree on a page. */
const MOST = 200;

/** The tree of a task. */
export async function findTree(
  stores: OpenStores,
  now: number,
  id: string,
): Promise<TaskTree> {
  const { tree, more } = await treeOf(new TaskFinder(stores, now), id, MOST);
  return { tree: tree.map(itemOf), more };
}

function itemOf(node: TreeNode): TreeItem {
  const children = node.children.map(itemOf);
  if ("group" in node) return { kind: "group", id: node.group, children };
  const { id, task: name, state, ms: runtime, error, asked, body } = node;
  return {
    kind: "task",
    ...{ id, name, state, runtime, error, asked, body, children },
  };
}
