/**
 * Tasks in a table that is sorted by its heads.
 *
 * @module
 */

import type { TaskRow, TaskSort } from "../data/types/tasks.ts";
import { span } from "./format.ts";
import { tasksPath } from "./links.ts";
import { Choose, CHOOSE_ALL, ChosenBar } from "./parts/choice.tsx";
import { Empty } from "./parts/empty.tsx";
import { Icon } from "./parts/icon.tsx";
import { usePage } from "./parts/page_info.ts";
import { lookOf, State } from "./parts/state.tsx";
import { Table } from "./parts/table.tsx";
import { QueueLink, TaskCell, WorkerLink } from "./parts/task_rows.tsx";
import { Time } from "./parts/time.tsx";
import type { View } from "./parts/view.ts";
import { isNarrowed, type TasksQuery } from "./tasks_query.ts";

/** A page of tasks; each can be chosen. */
export function TaskTable(
  { query, tasks }: {
    readonly query: TasksQuery;
    readonly tasks: readonly TaskRow[];
  },
): View {
  const { canAct } = usePage();
  if (tasks.length === 0) return <NoTasks query={query} />;
  const head = (sort: TaskSort, text: string) => ({
    head: <SortLink query={query} sort={sort} text={text} />,
    sort: sortedAs(query, sort),
  });
  return (
    <Table
      caption="Tasks"
      cards
      columns={[
        ...(!canAct ? [] : [CHOOSE_ALL]),
        head("state", "State"),
        head("name", "Task"),
        head("queue", "Queue"),
        head("worker", "Worker"),
        { ...head("retries", "Retries"), num: true },
        { ...head("waited", "Waited"), num: true },
        { ...head("runtime", "Ran"), num: true },
        { ...head("time", "Time"), num: true },
      ]}
    >
      {tasks.map((task) => <Row task={task} />)}
    </Table>
  );
}

function sortedAs(
  query: TasksQuery,
  sort: TaskSort,
): "ascending" | "descending" | "none" {
  if ((query.sort ?? "time") !== sort) return "none";
  return query.direction === "asc" ? "ascending" : "descending";
}

function SortLink(
  { query, sort, text }: {
    readonly query: TasksQuery;
    readonly sort: TaskSort;
    readonly text: string;
  },
): View {
  const { url } = usePage();
  const now = sortedAs(query, sort);
  const direction = now === "descending" ? "asc" : undefined;
  const href = tasksPath({
    ...query,
    cursor: undefined,
    sort: sort === "time" ? undefined : sort,
    direction,
  });
  return (
    <a href={url(href)}>
      {text}
      {now !== "none" && (
        <Icon name={now === "ascending" ? "up" : "down"} size={12} />
      )}
    </a>
  );
}

function Row({ task }: { readonly task: TaskRow }): View {
  const { canAct } = usePage();
  return (
    <tr>
      {canAct && (
        <Choose name="id" value={task.id} what={`${task.name} ${task.id}`} />
      )}
      <td class="badge">
        <State state={task.state} />
      </td>
      <TaskCell task={task} />
      <td class="name" data-label="Queue">
        <QueueLink name={task.queue} />
      </td>
      <td class="name" data-label="On">
        <WorkerLink name={task.worker} />
      </td>
      <td
        class={task.retries === 0 ? "num zero wide-only" : "num"}
        data-label="Retries"
      >
        {task.retries}
      </td>
      <td class="num wide-only" data-label="Waited">
        {task.waited === null ? "–" : span(task.waited)}
      </td>
      <td class="num" data-label="Ran">
        <Ran task={task} />
      </td>
      <td class="num muted time">
        <Time
          at={task.state === "SCHEDULED"
            ? task.eta
            : task.updatedAt ?? task.sentAt}
        />
      </td>
    </tr>
  );
}

/** How long it ran; what runs counts on. */
function Ran({ task }: { readonly task: TaskRow }): View {
  if (lookOf(task.state) === "started" && task.startedAt !== null) {
    return <Time at={task.startedAt} as="since" />;
  }
  return <>{task.runtime === null ? "–" : span(task.runtime)}</>;
}

function NoTasks({ query }: { readonly query: TasksQuery }): View {
  const { url } = usePage();
  return (
    <div class="table">
      {isNarrowed(query) || query.state !== undefined
        ? (
          <Empty icon="search" title="No task fits">
            Take something away from what you look for, or{" "}
            <a href={url("/tasks")}>see all tasks</a>.
          </Empty>
        )
        : (
          <Empty title="There is no task yet">
            Once one is sent, with <code>delay()</code> or{" "}
            <code>lovage call</code>, it is here.
          </Empty>
        )}
    </div>
  );
}

/** What is done with the chosen tasks. */
export function TasksBar(): View {
  const { canAct, url } = usePage();
  if (!canAct) return null;
  return (
    <ChosenBar action="tasks.retry">
      <button class="btn" type="submit">
        <Icon name="retry" size={14} /> Retry
      </button>
      <button
        class="btn danger"
        type="submit"
        formaction={url("/actions/tasks.revoke")}
        data-stay={url("/api/v1/actions/tasks.revoke")}
      >
        <Icon name="revoked" size={14} /> Revoke
      </button>
    </ChosenBar>
  );
}
