/**
 * Tasks in tables.
 *
 * @module
 */

import type { Child } from "hono/jsx";
import type { TaskRow } from "../../data/types/tasks.ts";
import { cut, shortId, span } from "../format.ts";
import { queuePath, taskPath, tasksPath, workerPath } from "../links.ts";
import { usePage } from "./page_info.ts";
import { State } from "./state.tsx";
import { Time } from "./time.tsx";
import type { View } from "./view.ts";

const SHOWN = 220;

/** A link to a task, by its name; its id where that is not known. */
export function TaskLink(
  { id, name }: { readonly id: string; readonly name: string | null },
): View {
  const text = name === null || name === "" ? id : name;
  return (
    <a
      class="row plain strong"
      href={usePage().url(taskPath(id))}
      title={`${text}\n${id}`}
    >
      {text}
    </a>
  );
}

/** A link to a queue; a dash where there is none. */
export function QueueLink(
  { name }: { readonly name: string | null },
): View {
  return <NameLink name={name} pathOf={queuePath} />;
}

/** A link to a worker; a dash where there is none. */
export function WorkerLink(
  { name }: { readonly name: string | null },
): View {
  return <NameLink name={name} pathOf={workerPath} />;
}

function NameLink(
  { name, pathOf }: {
    readonly name: string | null;
    readonly pathOf: (name: string) => string;
  },
): View {
  if (name === null || name === "") return <span class="muted">–</span>;
  return (
    <a class="plain" href={usePage().url(pathOf(name))} title={name}>
      {name}
    </a>
  );
}

/** What is most worth knowing of a task in a line: its error, or its arguments. */
export function Gist({ task }: { readonly task: TaskRow }): View {
  if (task.error !== null) {
    return (
      <span class="bad" title={cut(task.error, 2_000)}>
        {cut(task.error, SHOWN)}
      </span>
    );
  }
  const text = task.args ?? "";
  return <code class="muted">{cut(text === "[]" ? "" : text, SHOWN)}</code>;
}

/** What a row is about: the task, and the gist of it. */
export function TaskCell({ task }: { readonly task: TaskRow }): View {
  return (
    <td class="fill">
      <TaskLink id={task.id} name={task.name} />
      <div class="small">
        <Gist task={task} />
      </div>
    </td>
  );
}

/** The latest failures: what, why, when. */
export function FailureRow({ task }: { readonly task: TaskRow }): View {
  return (
    <tr>
      <TaskCell task={task} />
      <td class="num muted">
        <Time at={task.endedAt ?? task.updatedAt} />
      </td>
    </tr>
  );
}

/** What runs: what, where, for how long. */
export function RunningRow({ task }: { readonly task: TaskRow }): View {
  return (
    <tr>
      <TaskCell task={task} />
      <td class="name wide-only">
        <WorkerLink name={task.worker} />
      </td>
      <td class="num">
        <Time at={task.startedAt ?? task.receivedAt} as="since" />
      </td>
    </tr>
  );
}

/** A run of a schedule entry, or the like. */
export function RunRow({ task }: { readonly task: TaskRow }): View {
  return (
    <tr>
      <td>
        <State state={task.state} />
      </td>
      <td class="fill">
        <a
          class="row plain mono"
          href={usePage().url(taskPath(task.id))}
          title={task.id}
        >
          {shortId(task.id)}
        </a>
        {task.error !== null && (
          <div class="small">
            <Gist task={task} />
          </div>
        )}
      </td>
      <td class="num wide-only">
        {task.runtime === null ? "" : span(task.runtime)}
      </td>
      <td class="num muted">
        <Time at={task.updatedAt} />
      </td>
    </tr>
  );
}

/** A link to tasks, narrowed down. */
export function TasksLink(
  { query, children }: {
    readonly query: Readonly<Record<string, string>>;
    readonly children: Child;
  },
): View {
  return <a class="plain" href={usePage().url(tasksPath(query))}>{children}</a>;
}
