/**
 * The answers of workers for people.
 *
 * @module
 */

import type {
  InspectAnswers,
  MemorySample,
  RequestInfo,
  WorkerStats,
} from "../control/facts.ts";
import type { InspectMethod } from "../control/inspect.ts";
import { age, count, span } from "../words.ts";
import { facts, table } from "./table.ts";

const MOST_TEXT = 60;
const TASK_HEADER = ["ID", "TASK", "ARGUMENTS", "QUEUE", "RETRIES", "RECEIVED"];

/** A column that only some answers have. */
interface Column {
  readonly head: string;
  readonly of: (task: RequestInfo, now: number) => string | number;
}

const RUNNING: readonly Column[] = [
  {
    head: "RUNS FOR",
    of: ({ startedAt }, now) =>
      startedAt === null ? "-" : span(Math.max(now - startedAt, 0)),
  },
  { head: "PID", of: ({ workerPid }) => workerPid ?? "-" },
];

/** What one worker answered: a word behind its name, or lines below it. */
interface Answer {
  readonly short: string;
  readonly long?: string;
}

type Texts = {
  readonly [M in InspectMethod]: (
    answer: InspectAnswers[M],
    now: number,
  ) => Answer;
};

const COUNTED = [
  ...["received", "running", "waiting"] as const,
  ...["succeeded", "failed", "retried", "revoked"] as const,
];
const COUNTED_HEADER = COUNTED.map((key) => key.toUpperCase());

const TEXTS: Texts = {
  ping: ({ ok }) => ({ short: ok }),
  active: (list, now) => tasks(list, now, RUNNING),
  reserved: tasks,
  scheduled: tasks,
  registered: (names) => ({
    short: count(names.length, "task"),
    long: names.toSorted().join("\n"),
  }),
  stats: (stats) => ({ short: "", long: statsText(stats) }),
  taskFigures: (figures) => {
    const rows = Object.entries(figures).toSorted().map(([task, counted]) => [
      task,
      ...COUNTED.map((key) => String(counted[key])),
    ]);
    return rows.length === 0
      ? { short: "none so far" }
      : { short: "", long: table(["TASK", ...COUNTED_HEADER], rows) };
  },
  activeQueues: (queues) => ({
    short: queues.map(({ name }) => name).join(", ") || "none",
  }),
  revoked: (ids) => ({ short: ids.join(", ") || "none" }),
  queryTask: (found, now) => {
    const rows = Object.values(found).map(([stage, task]) => [
      stage,
      ...taskRow(task, now),
    ]);
    return rows.length === 0
      ? { short: "holds none of them" }
      : { short: "", long: table(["STAGE", ...TASK_HEADER], rows) };
  },
  conf: (settings) => ({
    short: "",
    long: facts(
      Object.entries(settings).toSorted().map(([name, value]) => [
        name,
        typeof value === "string" ? value : JSON.stringify(value),
      ]),
    ),
  }),
  report: ({ ok }) => ({ short: "", long: ok }),
  memsample: (sample) => ({ short: memoryText(sample) }),
  memdump: ({ samples, now: last }, now) => {
    const rows = [...samples, last].map((sample) => [
      age(sample.at, now),
      ...memoryCells(sample),
    ]);
    return { short: "", long: table(MEMORY_HEADER, rows) };
  },
  clock: ({ clock }, now) => ({
    short: `${new Date(clock).toISOString()} (${difference(clock - now)})`,
  }),
};

/** The answers, each a line, or a heading with lines below it. */
export function answersText<M extends InspectMethod>(
  method: M,
  replies: Readonly<Record<string, InspectAnswers[M]>>,
  now: number,
): readonly string[] {
  const text = TEXTS[method] as (
    answer: InspectAnswers[M],
    now: number,
  ) => Answer;
  const width = Math.max(...Object.keys(replies).map(({ length }) => length));
  return Object.entries(replies).map(([worker, reply]) => {
    const { short, long } = text(reply, now);
    const head = short === "" ? worker : `${worker.padEnd(width)}  ${short}`;
    return long === undefined || long === ""
      ? head
      : `${head}\n${indented(long)}\n`;
  });
}

function tasks(
  list: readonly RequestInfo[],
  now: number,
  more: readonly Column[] = [],
): Answer {
  if (list.length === 0) return { short: "none" };
  return {
    short: count(list.length, "task"),
    long: table(
      [...TASK_HEADER, ...more.map(({ head }) => head)],
      list.map((task) => [
        ...taskRow(task, now),
        ...more.map(({ of }) => of(task, now)),
      ]),
    ),
  };
}

function taskRow(task: RequestInfo, now: number): readonly (string | number)[] {
  const { id, name, args, kwargs, deliveryInfo, retries, receivedAt } = task;
  const given = Object.keys(kwargs).length === 0 ? args : [...args, kwargs];
  return [
    id,
    name,
    cut(JSON.stringify(given)),
    deliveryInfo.queue,
    retries,
    age(receivedAt, now),
  ];
}

function statsText(stats: WorkerStats): string {
  const { pool, autoscaler, broker, total, ended, uptime, rss, prefetchCount } =
    stats;
  const [soft, hard] = pool.timeouts;
  return facts([
    ["pid", String(stats.pid)],
    ["up", span(uptime * 1000)],
    ["ended", counts(ended)],
    ["tasks", counts(total)],
    [
      "pool",
      `${pool.implementation}, ${pool.running} of ${pool.maxConcurrency} slots busy`,
    ],
    [
      "scaled",
      autoscaler === null
        ? undefined
        : `between ${autoscaler.min} and ${autoscaler.max} slots`,
    ],
    ["hosts", pool.processes.join(", ") || undefined],
    ["limits", `soft ${limitText(soft)}, hard ${limitText(hard)}`],
    ["replaced", replacements(pool)],
    ["prefetch", String(prefetchCount)],
    ["broker", broker.address],
    ["memory", mebibytes(rss)],
  ]);
}

/** When host processes are replaced. */
function replacements(
  { maxTasksPerChild, maxMemoryPerChild }: WorkerStats["pool"],
): string | undefined {
  const when = [
    ...(maxTasksPerChild === null
      ? []
      : [`after ${count(maxTasksPerChild, "task")}`]),
    ...(maxMemoryPerChild === null
      ? []
      : [`above ${Math.round(maxMemoryPerChild / 2 ** 20)} MiB`]),
  ];
  return when.length === 0 ? undefined : `hosts, ${when.join(" or ")}`;
}

function counts(numbers: Readonly<Record<string, number>>): string {
  return Object.entries(numbers).map(([name, number]) => `${number} ${name}`)
    .join(", ") || "none";
}

function limitText(ms: number | null): string {
  return ms === null ? "none" : span(ms);
}

const MEMORY_HEADER = ["TAKEN", "ALL", "WORKER", "HEAP", "HOSTS"];

function memoryCells(sample: MemorySample): readonly string[] {
  const { rss, heapUsed, hosts } = sample;
  const all = hosts.reduce((sum, host) => sum + (host.rss ?? 0), rss);
  const each = hosts.map(({ pid, rss }) =>
    `${pid}: ${rss === null ? "no answer" : mebibytes(rss)}`
  );
  return [
    mebibytes(all),
    mebibytes(rss),
    mebibytes(heapUsed),
    each.join(", ") || "-",
  ];
}

function memoryText(sample: MemorySample): string {
  const [all, own, heap, hosts] = memoryCells(sample);
  const rest = hosts === "-" ? "" : `; hosts ${hosts}`;
  return `${all} (worker ${own}, of that heap ${heap}${rest})`;
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}

function difference(ms: number): string {
  if (Math.abs(ms) < 1000) return "as here";
  return `${span(Math.abs(ms))} ${ms > 0 ? "ahead of" : "behind"} this machine`;
}

function cut(text: string): string {
  return text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT)}…` : text;
}

function indented(text: string): string {
  return text.split("\n").map((line) => `  ${line}`).join("\n");
}
