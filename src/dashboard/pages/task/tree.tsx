/**
 * The canvas that a task is part of, with the state of each part.
 *
 * @module
 */

import type {
  TaskTree,
  TreeGroup,
  TreeItem,
  TreeTask,
} from "../../data/types/tree.ts";
import { cut, number, shortId, span } from "../format.ts";
import { taskPath } from "../links.ts";
import { usePage } from "../parts/page_info.ts";
import { lookOf, State, stateWord } from "../parts/state.tsx";
import type { View } from "../parts/view.ts";

/** A group with more members shows those that matter, and how many it has. */
const MEMBERS = 12;

/** The canvas of a task. */
export function TreeCard({ tree }: { readonly tree: TaskTree }): View {
  const tasks = tasksOf(tree.tree);
  return (
    <section class="card" aria-labelledby="tree-title" id="canvas">
      <header>
        <h2 id="tree-title">Canvas</h2>
        <span class="muted small">{number(tasks.length)} tasks</span>
        <span class="end">
          <Tally tasks={tasks} />
        </span>
      </header>
      <ol class="tree">
        {tree.tree.map((item) => <Item item={item} />)}
      </ol>
      {tree.more > 0 && (
        <p class="muted small">
          At least {number(tree.more)} more that are not shown
        </p>
      )}
    </section>
  );
}

function tasksOf(items: readonly TreeItem[]): readonly TreeTask[] {
  return items.flatMap((item) =>
    item.kind === "task" ? [item, ...tasksOf(item.children)] : tasksOf(
      item.children,
    )
  );
}

/** How many are in which state, as a bar and in words. */
function Tally(
  { tasks }: { readonly tasks: readonly TreeTask[] },
): View {
  const counts = new Map<string, number>();
  for (const { state } of tasks) {
    counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  return (
    <span class="legend">
      {[...counts].map(([state, count]) => (
        <span>
          <i class={`dot s-${lookOf(state)}`}></i>
          {number(count)} {stateWord(state).toLowerCase()}
        </span>
      ))}
    </span>
  );
}

function Item({ item }: { readonly item: TreeItem }): View {
  return item.kind === "task"
    ? <TaskItem task={item} />
    : <GroupItem group={item} />;
}

function TaskItem({ task }: { readonly task: TreeTask }): View {
  const { url } = usePage();
  return (
    <li>
      <div class={task.asked ? "node self" : "node"}>
        <State state={task.state} />
        <a
          href={url(taskPath(task.id))}
          title={task.id}
          {...(task.asked ? { "aria-current": "true" } : {})}
        >
          {task.name ?? "not sent yet"}
        </a>
        {task.body && (
          <span class="tag" title="It takes the results of the group">
            body
          </span>
        )}
        {task.error !== null && (
          <span class="bad small">{cut(task.error, 120)}</span>
        )}
        <span class="end muted small">
          {task.runtime === null ? "" : span(task.runtime)}
        </span>
      </div>
      <Children items={task.children} />
    </li>
  );
}

function GroupItem({ group }: { readonly group: TreeGroup }): View {
  return (
    <li>
      <div class="node">
        <span class="groupname">Group</span>
        <span class="muted small mono" title={group.id}>
          {shortId(group.id)}
        </span>
        <span class="end">
          <Tally
            tasks={group.children.filter((each) => each.kind === "task")
              .filter(({ body }) => !body)}
          />
        </span>
      </div>
      <Children items={group.children} />
    </li>
  );
}

function Children(
  { items }: { readonly items: readonly TreeItem[] },
): View {
  if (items.length === 0) return null;
  if (items.length <= MEMBERS) {
    return <ol>{items.map((item) => <Item item={item} />)}</ol>;
  }
  const ranked = items.toSorted((a, b) => rank(b) - rank(a));
  return (
    <>
      <ol>{ranked.slice(0, MEMBERS).map((item) => <Item item={item} />)}</ol>
      <details class="more">
        <summary>{number(items.length - MEMBERS)} more</summary>
        <ol>{ranked.slice(MEMBERS).map((item) => <Item item={item} />)}</ol>
      </details>
    </>
  );
}

/** What failed and what the page is about stand first, what is done last. */
function rank(item: TreeItem): number {
  if (item.kind === "group") return 5;
  if (item.asked) return 6;
  if (item.children.length > 0) return 5;
  return {
    failure: 4,
    dead: 4,
    retry: 3,
    started: 2,
    success: 0,
  }[lookOf(item.state) as string] ?? 1;
}
