/**
 * The list of tasks: narrowed down, sorted, page by page.
 *
 * @module
 */

import type { TaskCounts, TaskPage } from "../data/types/tasks.ts";
import { number } from "./format.ts";
import { Layout } from "./layout.tsx";
import { tasksPath } from "./links.ts";
import { LiveRegion } from "./parts/live.tsx";
import { Banner } from "./parts/notice.tsx";
import { type PageInfo, usePage } from "./parts/page_info.ts";
import { Pager } from "./parts/pager.tsx";
import { Time } from "./parts/time.tsx";
import { TasksBar, TaskTable } from "./task_table.tsx";
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
            <TaskTable query={query} tasks={tasks.tasks} />
            <Pager
              count={tasks.tasks.length}
              first={query.cursor === undefined
                ? null
                : tasksPath({ ...query, cursor: undefined })}
              next={tasks.cursor === null
                ? null
                : tasksPath({ ...query, cursor: tasks.cursor })}
            />
          </div>
        </LiveRegion>
        <TasksBar />
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
      hx-sync="#live:replace"
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
