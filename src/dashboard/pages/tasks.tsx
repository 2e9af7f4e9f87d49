/**
 * The list of tasks: narrowed down, sorted, page by page.
 *
 * @module
 */

import type { TaskCounts, TaskPage, TaskRow, TaskSort } from "../data/types.ts";
import { number, span } from "./format.ts";
import { Layout } from "./layout.tsx";
import { tasksPath } from "./links.ts";
import { ActionForm } from "./parts/action.tsx";
import { Empty } from "./parts/empty.tsx";
import { Icon } from "./parts/icon.tsx";
import { LiveRegion } from "./parts/live.tsx";
import { Banner } from "./parts/notice.tsx";
import { type PageInfo, usePage } from "./parts/page_info.ts";
import { lookOf, State } from "./parts/state.tsx";
import { Table } from "./parts/table.tsx";
import { Gist, QueueLink, TaskLink, WorkerLink } from "./parts/task_rows.tsx";
import { Time } from "./parts/time.tsx";
import { isNarrowed, type TasksQuery, WITHIN } from "./tasks_query.ts";
import type { View } from "./parts/view.ts";

/** A tab: which states it shows. */
const TABS = [
  { name: "All", state: "" },
  { name: "Waiting", state: "PENDING" },
  { name: "Scheduled", state: "SCHEDULED" },
  { name: "Running", state: "STARTED,RECEIVED" },
  { name: "Retry", state: "RETRY" },
  { name: "Failure", state: "FAILURE" },
  { name: "Success", state: "SUCCESS" },
  { name: "Revoked", state: "REVOKED" },
] as const;

/** What the list shows. */
export interface TasksProps {
  readonly page: PageInfo;
  readonly query: TasksQuery;
  readonly tasks: TaskPage;
  readonly counts: TaskCounts;
  /** Names, for completion. */
  readonly names: readonly string[];
  readonly queues: readonly string[];
  readonly workers: readonly string[];
}

/** The page. */
export function TasksPage(props: TasksProps): View {
  const { page, query, tasks, counts } = props;
  // Of later pages nothing moves under the pointer.
  const live = query.cursor === undefined ? ["tasks", "stats"] : null;
  return (
    <Layout page={page} title="Tasks" section="/tasks" live={live}>
      <div class="head">
        <h1>Tasks</h1>
      </div>
      <div class="stack">
        <Filters {...props} />
        <LiveRegion>
          <Tabs query={query} counts={counts} />
          <Remarks tasks={tasks} query={query} />
          <div>
            <List query={query} tasks={tasks.tasks} />
            <Pager query={query} tasks={tasks} />
          </div>
        </LiveRegion>
        <Bulk />
      </div>
    </Layout>
  );
}

function Tabs(
  { query, counts }: {
    readonly query: TasksQuery;
    readonly counts: TaskCounts;
  },
): View {
  const { url } = usePage();
  const narrowed = isNarrowed({ ...query, state: undefined });
  return (
    <nav class="tabs" aria-label="States">
      {TABS.map(({ name, state }) => {
        const count = narrowed ? null : countOf(counts, state);
        const href = tasksPath({
          ...query,
          state,
          cursor: undefined,
        });
        return (
          <a
            href={url(href)}
            {...(state === (query.state ?? "")
              ? { "aria-current": "true" }
              : {})}
          >
            {name}
            {count !== null && (
              <span
                class={state === "FAILURE" && count > 0
                  ? "count warn"
                  : "count"}
              >
                {number(count)}
              </span>
            )}
          </a>
        );
      })}
    </nav>
  );
}

function countOf({ states }: TaskCounts, state: string): number | null {
  if (states === null) return null;
  const some = state === "" ? Object.keys(states) : state.split(",");
  return some.reduce((sum, each) => sum + (states[each] ?? 0), 0);
}

function Filters(
  { query, names, queues, workers }: TasksProps,
): View {
  const { url } = usePage();
  return (
    <form
      class="filters"
      action={url("/tasks")}
      role="search"
      aria-label="Narrow the tasks down"
      hx-get={url("/tasks")}
      hx-trigger="submit, input delay:300ms"
      hx-select="#live"
      hx-target="#live"
      hx-swap="outerMorph"
      hx-replace-url="true"
      hx-sync="this:replace"
    >
      {query.state !== undefined && (
        <input type="hidden" name="state" value={query.state} />
      )}
      {query.sort !== undefined && (
        <input type="hidden" name="sort" value={query.sort} />
      )}
      {query.direction !== undefined && (
        <input type="hidden" name="direction" value={query.direction} />
      )}
      <div class="field wide">
        <label for="f-name">Task</label>
        <input
          id="f-name"
          name="name"
          list="names"
          placeholder="images.* or any name"
          value={query.name ?? ""}
          autocomplete="off"
        />
        <datalist id="names">
          {names.map((name) => <option value={name}></option>)}
        </datalist>
      </div>
      <div class="field wide">
        <label for="f-text">Text within</label>
        <input
          id="f-text"
          name="text"
          type="search"
          placeholder="in arguments, result or error"
          value={query.text ?? ""}
          autocomplete="off"
        />
      </div>
      <Choice
        id="f-queue"
        name="queue"
        label="Queue"
        any="Any queue"
        all={queues}
        chosen={query.queue}
      />
      <Choice
        id="f-worker"
        name="worker"
        label="Worker"
        any="Any worker"
        all={workers}
        chosen={query.worker}
      />
      <div class="field">
        <label for="f-within">Time</label>
        <select id="f-within" name="within">
          <option value="">Any time</option>
          {Object.entries(WITHIN).map(([value, { label }]) => (
            <option value={value} selected={value === query.within}>
              {label}
            </option>
          ))}
        </select>
      </div>
      <div class="ends">
        <button class="btn" type="submit">Filter</button>
        <a class="btn bare" href={url(tasksPath({ state: query.state }))}>
          Clear
        </a>
      </div>
    </form>
  );
}

function Choice(
  { id, name, label, any, all, chosen }: {
    readonly id: string;
    readonly name: string;
    readonly label: string;
    readonly any: string;
    readonly all: readonly string[];
    readonly chosen: string | undefined;
  },
): View {
  const known = chosen === undefined || all.includes(chosen)
    ? all
    : [...all, chosen];
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} name={name}>
        <option value="">{any}</option>
        {known.map((each) => (
          <option value={each} selected={each === chosen}>{each}</option>
        ))}
      </select>
    </div>
  );
}

function Remarks(
  { tasks, query }: {
    readonly tasks: TaskPage;
    readonly query: TasksQuery;
  },
): View {
  const { url } = usePage();
  const { sort = "time", direction = "desc" } = query;
  const isSorted = sort !== "time" || direction !== "desc";
  const byTime = tasksPath({
    ...query,
    sort: undefined,
    direction: undefined,
    cursor: undefined,
  });
  return (
    <>
      {isSorted && (tasks.cut || tasks.sortedLatest) && (
        <Banner>
          Not all tasks are sorted: only {tasks.sortedLatest
            ? "the latest 1,000 that fit"
            : "those that were found in time"}
          {tasks.searchedTo !== null && (
            <>
              , back to <Time at={tasks.searchedTo} as="clock" />
            </>
          )}. Narrow the list down by state, task or time, or{" "}
          <a href={url(byTime)}>sort it by time</a>, which covers all.
        </Banner>
      )}
      {!isSorted && tasks.cut && (
        <Banner>
          The search was cut short to answer in time
          {tasks.searchedTo !== null && (
            <>
              {" "}: it went back to <Time at={tasks.searchedTo} as="clock" />
            </>
          )}. Go on with “Older”, or narrow it down by state, task or time.
        </Banner>
      )}
    </>
  );
}

function List(
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
        ...(!canAct ? [] : [{ head: <ChooseAll />, class: "tick" }]),
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

function ChooseAll(): View {
  return (
    <label>
      <input type="checkbox" data-choose="all" aria-label="Choose all rows" />
    </label>
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
        <td class="tick">
          <label>
            <input
              type="checkbox"
              name="id"
              value={task.id}
              form="bulk"
              aria-label={`Choose ${task.name} ${task.id}`}
            />
          </label>
        </td>
      )}
      <td class="badge">
        <State state={task.state} />
      </td>
      <td class="fill">
        <TaskLink id={task.id} name={task.name} />
        <div class="small">
          <Gist task={task} />
        </div>
      </td>
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

function Pager(
  { query, tasks }: {
    readonly query: TasksQuery;
    readonly tasks: TaskPage;
  },
): View {
  const { url } = usePage();
  const first = query.cursor === undefined;
  if (first && tasks.cursor === null) return null;
  return (
    <nav class="pager" aria-label="Pages">
      <span>{number(tasks.tasks.length)} on this page</span>
      <span class="actions">
        {!first && (
          <a
            class="btn"
            href={url(tasksPath({ ...query, cursor: undefined }))}
          >
            <Icon name="left" size={14} /> First page
          </a>
        )}
        {tasks.cursor !== null && (
          <a
            class="btn"
            href={url(tasksPath({ ...query, cursor: tasks.cursor }))}
          >
            Older <Icon name="right" size={14} />
          </a>
        )}
      </span>
    </nav>
  );
}

/** What is done with the chosen rows; a script shows it when some are. */
function Bulk(): View {
  const { canAct, url } = usePage();
  if (!canAct) return null;
  return (
    <div class="bulk" id="bulk-bar" hidden>
      <b data-chosen aria-live="polite">0 chosen</b>
      <button type="button" class="btn bare tiny" data-choose="none">
        None
      </button>
      <ActionForm name="tasks.retry" fields={{}} id="bulk" class="actions">
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
      </ActionForm>
    </div>
  );
}
