/**
 * Lists of tasks. Those that wait or run come from the broker, those of which
 * there is a record from the result backend; one call does not look for longer
 * than a person waits gladly, and says where it has stopped.
 *
 * @module
 */

import type { LiveStatus } from "../../contracts/inspector.ts";
import type {
  Page,
  PageRequest,
  ResultFilter,
  ResultRecord,
} from "../../contracts/result_backend.ts";
import type { OpenStores } from "../../producer/stores.ts";
import { type RowContext, rowOfLive, rowOfRecord } from "./task_row.ts";
import type { TaskPage, TaskQuery, TaskRow } from "./types/tasks.ts";

/** The most that a page holds. */
const MOST = 1_000;
/** For so long one call looks, in ms. */
const PATIENCE = 150;
/** How many live tasks are read at a time when few of them may fit. */
const READ_AHEAD = 500;
/** So many of the latest are sorted by another column than time. */
const SORTED = 1_000;

/** Where tasks are read from, page by page. */
interface Source {
  read(page: PageRequest): Promise<Page<TaskRow>>;
  /** How many rows to read where so many are wanted. */
  readAhead(wanted: number): number;
}

const LIVE: Readonly<Record<string, LiveStatus>> = {
  PENDING: "queued",
  SCHEDULED: "scheduled",
  RECEIVED: "running",
  STARTED: "running",
};

/** A page of tasks. */
export async function listTasks(
  stores: OpenStores,
  context: RowContext,
  query: TaskQuery,
): Promise<TaskPage> {
  const limit = Math.min(MOST, Math.max(1, query.limit ?? 50));
  const search = new Search(stores, context, query);
  const { sort = "time", direction = "desc" } = query;
  if (sort === "time" && direction === "desc") {
    const found = await search.page(limit, query.cursor);
    return { ...found, sortedLatest: false };
  }
  const { tasks, cut, searchedTo } = await search.page(SORTED, undefined);
  const sorted = tasks.toSorted(byColumn(sort, direction));
  const from = Number(/^from(\d{1,4})$/.exec(query.cursor ?? "")?.[1] ?? 0);
  const to = from + limit;
  return {
    tasks: sorted.slice(from, to),
    cursor: to < sorted.length ? `from${to}` : null,
    cut,
    searchedTo,
    sortedLatest: tasks.length >= SORTED,
  };
}

/** One look through the sources of a query. */
class Search {
  readonly #sources: readonly Source[];
  readonly #fits: (row: TaskRow) => boolean;
  readonly #end = performance.now() + PATIENCE;

  constructor(stores: OpenStores, context: RowContext, query: TaskQuery) {
    this.#fits = fitsQuery(query);
    this.#sources = sourcesOf(stores, context, query);
  }

  /** So many rows that fit, from a cursor on: `<source>.<its cursor>`. */
  async page(
    limit: number,
    cursor: string | undefined,
  ): Promise<Omit<TaskPage, "sortedLatest">> {
    const tasks: TaskRow[] = [];
    let [at, own] = parseCursor(cursor);
    let searchedTo: number | null = null;
    for (; at < this.#sources.length; at++, own = undefined) {
      const source = this.#sources[at] as Source;
      do {
        const wanted = limit - tasks.length;
        const page = await source.read({
          limit: source.readAhead(wanted),
          cursor: own,
        });
        const fitting = page.items.filter(this.#fits);
        searchedTo = page.items.at(-1)?.updatedAt ?? searchedTo;
        if (fitting.length > wanted) {
          // What does not fit on this page begins the next.
          return this.#again(source, tasks, wanted, at, own, searchedTo);
        }
        tasks.push(...fitting);
        own = page.cursor ?? undefined;
        const isFull = tasks.length >= limit;
        if (isFull || performance.now() >= this.#end) {
          const next = own === undefined ? at + 1 : at;
          const isOver = next >= this.#sources.length;
          return {
            tasks,
            cursor: isOver ? null : `${next}.${own ?? ""}`,
            cut: !isFull && !isOver,
            searchedTo: !isFull && !isOver ? searchedTo : null,
          };
        }
      } while (own !== undefined);
    }
    return { tasks, cursor: null, cut: false, searchedTo: null };
  }

  /** Reads rows one page at a time until there are enough. */
  async #again(
    source: Source,
    tasks: TaskRow[],
    wanted: number,
    at: number,
    cursor: string | undefined,
    searchedTo: number | null,
  ): Promise<Omit<TaskPage, "sortedLatest">> {
    let own = cursor;
    let left = wanted;
    while (left > 0) {
      const page = await source.read({ limit: left, cursor: own });
      const fitting = page.items.filter(this.#fits);
      tasks.push(...fitting);
      left -= fitting.length;
      own = page.cursor ?? undefined;
      if (own === undefined) break;
      if (performance.now() >= this.#end) break;
    }
    const isOver = own === undefined && at + 1 >= this.#sources.length;
    return {
      tasks,
      cursor: isOver ? null : `${own === undefined ? at + 1 : at}.${own ?? ""}`,
      cut: left > 0 && !isOver,
      searchedTo: left > 0 && !isOver ? searchedTo : null,
    };
  }
}

function parseCursor(
  cursor: string | undefined,
): [number, string | undefined] {
  const match = /^(\d{1,2})\.(.*)$/s.exec(cursor ?? "");
  return match === null
    ? [0, undefined]
    : [Number(match[1]), match[2] || undefined];
}

function statesOf({ state }: TaskQuery): readonly string[] {
  return [
    ...new Set(
      (state ?? "").split(",").map((each) => each.trim()).filter(Boolean),
    ),
  ].slice(0, 10);
}

function sourcesOf(
  stores: OpenStores,
  context: RowContext,
  query: TaskQuery,
): readonly Source[] {
  const states = statesOf(query);
  if (states.length === 0) return [recordsOf(stores, context, query)];
  const live = new Set(
    states.flatMap((state) =>
      Object.hasOwn(LIVE, state) ? [LIVE[state] as LiveStatus] : []
    ),
  );
  const others = states.filter((state) => !Object.hasOwn(LIVE, state));
  return [
    ...[...live].map((status) => liveOf(stores, context, query, status)),
    ...others.map((state) => recordsOf(stores, context, query, state)),
  ];
}

function liveOf(
  { broker, backend }: OpenStores,
  context: RowContext,
  query: TaskQuery,
  status: LiveStatus,
): Source {
  const { name, worker, text, since, until, queue } = query;
  const isPlain =
    [name, worker, text, since, until].every((each) => each === undefined) &&
    status !== "running";
  return {
    readAhead: (wanted) => isPlain ? wanted : Math.max(wanted, READ_AHEAD),
    read: async (page) => {
      const { items, cursor } = await broker.inspector.tasks(
        { status, queue },
        page,
      );
      const records = await backend.results.fetch(items.map(({ id }) => id));
      return {
        items: items.map((live, at) => rowOfLive(live, records[at], context)),
        cursor,
      };
    },
  };
}

function recordsOf(
  { backend }: OpenStores,
  context: RowContext,
  query: TaskQuery,
  state?: string,
): Source {
  const { name, worker, text, since, until, queue } = query;
  const filter: ResultFilter = {
    state,
    worker,
    text,
    since,
    until,
    task: name?.includes("*") ? undefined : name,
    // Records of the default queue say nothing of it.
    meta: queue === undefined || queue === context.defaultQueue
      ? undefined
      : `"queue":${JSON.stringify(queue)}`,
  };
  const ahead = name?.includes("*") === true || queue === context.defaultQueue;
  return {
    readAhead: (wanted) => ahead ? Math.max(wanted, READ_AHEAD) : wanted,
    read: async (page) => {
      const { items, cursor } = await backend.results.query(filter, page);
      return {
        items: items.map((record: ResultRecord) =>
          rowOfRecord(record, context)
        ),
        cursor,
      };
    },
  };
}

/** What the stores have not seen to. */
function fitsQuery(query: TaskQuery): (row: TaskRow) => boolean {
  const { name, worker, queue, text, since, until } = query;
  const wanted = new Set(statesOf(query));
  const pattern = name === undefined ? null : new RegExp(
    `^${
      name.split("*").map((part) => part.replace(/[^\w]/g, "\\$&")).join(".*")
    }$`,
    "s",
  );
  const lower = text?.toLowerCase();
  return (row) => {
    // Records were looked through as a whole, which rows show cut.
    const isLive = row.endedAt === null;
    if (wanted.size > 0 && !isWanted(row.state, wanted)) return false;
    if (pattern !== null && !pattern.test(row.name)) return false;
    if (worker !== undefined && row.worker !== worker) return false;
    if (queue !== undefined && row.queue !== queue) return false;
    const at = row.updatedAt ?? 0;
    if (since !== undefined && at < since) return false;
    if (until !== undefined && at >= until) return false;
    if (lower === undefined || !isLive) return true;
    return [row.args, row.result, row.error].some((each) =>
      each?.toLowerCase().includes(lower)
    );
  };
}

/** A task that waits for its retry waits, too. */
function isWanted(state: string, wanted: ReadonlySet<string>): boolean {
  if (wanted.has(state)) return true;
  if (state === "RETRY") {
    return wanted.has("PENDING") || wanted.has("SCHEDULED");
  }
  // A state of its own, of a task that runs.
  return wanted.has("STARTED") && !Object.hasOwn(LIVE, state) &&
    !ENDED.has(state);
}

const ENDED: ReadonlySet<string> = new Set(["SUCCESS", "FAILURE", "REVOKED"]);

function byColumn(
  sort: NonNullable<TaskQuery["sort"]>,
  direction: "asc" | "desc",
): (a: TaskRow, b: TaskRow) => number {
  const column = sort === "time" ? "updatedAt" : sort;
  const sign = direction === "asc" ? 1 : -1;
  return (a, b) => {
    const [x, y] = [a[column], b[column]];
    // What is not known comes last, whichever way.
    if (x === null || y === null) return x === y ? 0 : x === null ? 1 : -1;
    return x === y ? 0 : (x < y ? -sign : sign);
  };
}
