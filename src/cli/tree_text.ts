/**
 * A workflow as people read it: a line for each task, drawn as a tree.
 *
 * @module
 */

import { count, span } from "../words.ts";
import type {
  ResultTree,
  TaskNode,
  TreeNode,
} from "../control/workflow/result_tree.ts";

/** Longer errors are cut: `lovage result <id>` shows all of one. */
const ERROR_SHOWN = 160;

/** The lines of a workflow, and how much of it is not shown. */
export function treeText({ tree, more }: ResultTree): string {
  const lines: string[] = [];
  for (const top of tree) draw(top, "", "", lines);
  if (more > 0) {
    lines.push("", `At least ${count(more, "more task")} not shown`);
  }
  return lines.join("\n");
}

/**
 * @param first what stands before the node
 * @param rest what stands before what is below it
 */
function draw(
  node: TreeNode,
  first: string,
  rest: string,
  lines: string[],
): void {
  lines.push(first + ("group" in node ? `group ${node.group}` : line(node)));
  const last = node.children.length - 1;
  for (const [at, child] of node.children.entries()) {
    if (at < last) draw(child, `${rest}├── `, `${rest}│   `, lines);
    else draw(child, `${rest}└── `, `${rest}    `, lines);
  }
}

function line(node: TaskNode): string {
  const { task, id, ms, error, asked } = node;
  return [
    task ?? "?",
    id,
    stateText(node),
    ms === null ? "" : span(ms),
    error === null ? "" : cut(error),
    asked ? "← this task" : "",
  ].filter((part) => part !== "").join("  ");
}

function stateText({ state, live, known }: TaskNode): string {
  if (live !== null) return `${state} (${live})`;
  return known ? state : `${state} (not known)`;
}

function cut(error: string): string {
  const text = error.replaceAll(/\s+/g, " ");
  return text.length <= ERROR_SHOWN ? text : `${text.slice(0, ERROR_SHOWN)}…`;
}
