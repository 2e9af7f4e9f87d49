/**
 * What the address of the list of tasks says.
 *
 * @module
 */

import type { TaskQuery, TaskSort } from "../data/types/tasks.ts";

/** Spans of time that are offered. */
export const WITHIN: Readonly<
  Record<string, { readonly label: string; readonly ms: number }>
> = {
  "5m": { label: "Last 5 minutes", ms: 5 * 60_000 },
  "1h": { label: "Last hour", ms: 60 * 60_000 },
  "24h": { label: "Last 24 hours", ms: 24 * 60 * 60_000 },
  "7d": { label: "Last 7 days", ms: 7 * 24 * 60 * 60_000 },
};

const SORTS: readonly TaskSort[] = [
  "time",
  "name",
  "state",
  "queue",
  "worker",
  "runtime",
  "waited",
  "retries",
];

/** The fields of the address; what is empty is absent. */
export interface TasksQuery {
  readonly [key: string]: string | undefined;
  readonly state?: string | undefined;
  readonly name?: string | undefined;
  readonly text?: string | undefined;
  readonly queue?: string | undefined;
  readonly worker?: string | undefined;
  /** A key of {@linkcode WITHIN}. */
  readonly within?: string | undefined;
  /** A time in the form of ISO 8601. */
  readonly since?: string | undefined;
  /** A time in the form of ISO 8601. */
  readonly until?: string | undefined;
  readonly sort?: TaskSort | undefined;
  readonly direction?: "asc" | "desc" | undefined;
  readonly cursor?: string | undefined;
}

/** Reads an address. What it does not know is left out. */
export function readTasksQuery(search: URLSearchParams): TasksQuery {
  const text = (name: string) => {
    const value = search.get(name)?.trim();
    return value === "" ? undefined : value;
  };
  const sort = text("sort");
  const direction = text("direction");
  const within = text("within");
  return {
    state: text("state"),
    name: text("name"),
    text: text("text"),
    queue: text("queue"),
    worker: text("worker"),
    within: within !== undefined && Object.hasOwn(WITHIN, within)
      ? within
      : undefined,
    since: text("since"),
    until: text("until"),
    sort: SORTS.find((each) => each === sort),
    direction: direction === "asc" ? "asc" : undefined,
    cursor: text("cursor"),
  };
}

/** What the data room is asked. */
export function taskQueryOf(query: TasksQuery, now: number): TaskQuery {
  const { within, since, until, ...rest } = query;
  const span = within === undefined ? undefined : WITHIN[within]?.ms;
  return {
    ...rest,
    since: span === undefined ? timeOf(since) : now - span,
    until: timeOf(until),
  };
}

function timeOf(text: string | undefined): number | undefined {
  const at = Date.parse(text ?? "");
  return Number.isNaN(at) ? undefined : at;
}

/** Whether anything but the state narrows the list down. */
export function isNarrowed(query: TasksQuery): boolean {
  const { name, text, queue, worker, within, since, until } = query;
  return [name, text, queue, worker, within, since, until]
    .some((each) => each !== undefined);
}
