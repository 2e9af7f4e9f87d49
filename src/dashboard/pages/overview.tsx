/**
 * The first page: what is wrong, how much goes on, what runs, what failed.
 *
 * @module
 */

import type {
  Attention,
  Overview,
  QueueRow,
  WorkerRow,
} from "../data/types.ts";
import { number, rate, span } from "./format.ts";
import { latency, throughput } from "./history.ts";
import { Layout } from "./layout.tsx";
import { queuePath, tasksPath, workerPath } from "./links.ts";
import { Chart } from "./parts/chart.tsx";
import { Empty } from "./parts/empty.tsx";
import { Icon } from "./parts/icon.tsx";
import { LiveRegion } from "./parts/live.tsx";
import { Meter } from "./parts/meter.tsx";
import { type PageInfo, usePage } from "./parts/page_info.ts";
import { Stat, Stats } from "./parts/stat.tsx";
import { Table } from "./parts/table.tsx";
import { FailureRow, RunningRow } from "./parts/task_rows.tsx";
import { Time } from "./parts/time.tsx";
import type { View } from "./parts/view.ts";

const ROWS = 8;

/** The first page. */
export function OverviewPage(
  { page, overview }: {
    readonly page: PageInfo;
    readonly overview: Overview;
  },
): View {
  const { store, history, attention } = overview;
  return (
    <Layout
      page={page}
      title={attention.length === 0
        ? "Overview"
        : `(${attention.length}) Overview`}
      section="/"
      live={["stats", "tasks", "queues", "workers", "attention"]}
      chart
    >
      <div class="head">
        <h1>Overview</h1>
        <p>
          <span class="tag">{store.kind}</span>{" "}
          <span class="mono muted">{store.address}</span>
        </p>
      </div>
      <LiveRegion>
        <AttentionList all={attention} />
        <Pulse overview={overview} />
        <div class="split even">
          <Chart
            id="throughput"
            title="Throughput"
            note={`per ${stepWord(history.step)}`}
            data={throughput(history)}
          />
          <Chart
            id="latency"
            title="Waiting and running"
            note={`per ${stepWord(history.step)}`}
            data={latency(history)}
          />
        </div>
        <div class="split even">
          <Failures overview={overview} />
          <Running overview={overview} />
          <Queues queues={overview.queues} />
          <Workers workers={overview.workers} />
        </div>
      </LiveRegion>
    </Layout>
  );
}

/** A step of a history in words. */
export function stepWord(step: number): string {
  return step === 60_000 ? "minute" : span(step);
}

const SEVERE: Readonly<Record<Attention["severity"], string>> = {
  high: "high",
  medium: "",
  low: "",
};

function AttentionList(
  { all }: { readonly all: readonly Attention[] },
): View {
  const { url } = usePage();
  if (all.length === 0) {
    return (
      <ul class="alerts" aria-label="Needs attention">
        <li class="ok">
          <Icon name="success" size={14} />
          <span class="what">Nothing needs attention</span>
        </li>
      </ul>
    );
  }
  return (
    <ul class="alerts" aria-label="Needs attention">
      {all.map((each) => (
        <li class={SEVERE[each.severity]}>
          <Icon
            name={each.severity === "low" ? "info" : "warn"}
            size={14}
          />
          <span class="what">{each.text}</span>
          {each.since !== null && (
            <span class="when">
              <Time at={each.since} />
            </span>
          )}
          <a href={url(subjectPath(each))} aria-label={`Look: ${each.text}`}>
            Look
          </a>
        </li>
      ))}
    </ul>
  );
}

function subjectPath({ subject: { kind, name } }: Attention): string {
  switch (kind) {
    case "queue":
      return queuePath(name);
    case "worker":
      return workerPath(name);
    case "task":
      return tasksPath({ state: "FAILURE", name });
    case "schedule":
      return "/schedules";
    case "dead":
      return "/dead";
    case "store":
      return "/";
  }
}

function Pulse({ overview }: { readonly overview: Overview }): View {
  const { totals, history, counts } = overview;
  const last = history.points.findLast(({ waitP95 }) => waitP95 !== null);
  const oldest = Math.max(
    0,
    ...overview.queues.map(({ oldestAge }) => oldestAge ?? 0),
  );
  const failed = counts.states?.["FAILURE"];
  return (
    <Stats label="Figures">
      <Stat
        label="Succeeded"
        look="success"
        value={rateText(totals.succeededRate)}
        unit=" /s"
        href={tasksPath({ state: "SUCCESS" })}
      />
      <Stat
        label="Failed"
        look="failure"
        value={rateText(totals.failedRate)}
        unit=" /s"
        note={failed === undefined ? undefined : `${number(failed)} kept`}
        href={tasksPath({ state: "FAILURE" })}
      />
      <Stat
        label="Waiting"
        look="pending"
        value={number(totals.queued)}
        note={oldest === 0 ? undefined : `oldest ${span(oldest)}`}
        href={tasksPath({ state: "PENDING" })}
      />
      <Stat
        label="Scheduled"
        look="scheduled"
        value={number(totals.scheduled)}
        href={tasksPath({ state: "SCHEDULED" })}
      />
      <Stat
        label="Running"
        look="started"
        value={number(totals.running)}
        unit={totals.slots === 0 ? undefined : ` of ${number(totals.slots)}`}
        href={tasksPath({ state: "STARTED,RECEIVED" })}
      />
      <Stat
        label="Wait, p95"
        value={last?.waitP95 === undefined || last.waitP95 === null
          ? "–"
          : span(last.waitP95)}
        note={last === undefined ? undefined : <Time at={last.at} />}
      />
      <Stat
        label="Dead letters"
        look="dead"
        value={totals.deadLetters === null ? "–" : number(totals.deadLetters)}
        href="/dead"
      />
      <Stat
        label="Beat"
        value={<span class="word">{overview.beat ?? "none"}</span>}
        href="/schedules"
      />
    </Stats>
  );
}

function rateText(value: number | null): string {
  return value === null ? "–" : rate(value);
}

function Failures({ overview }: { readonly overview: Overview }): View {
  const { url } = usePage();
  const failures = overview.failures.slice(0, ROWS);
  return (
    <section class="card" aria-labelledby="failures-title">
      <header>
        <h2 id="failures-title">Recent failures</h2>
        <a class="end" href={url(tasksPath({ state: "FAILURE" }))}>All</a>
      </header>
      {failures.length === 0
        ? <Empty icon="success" title="No task has failed" />
        : (
          <Table
            caption="Recent failures"
            columns={[{ head: "Task and error" }, {
              head: "Failed",
              num: true,
            }]}
          >
            {failures.map((task) => <FailureRow task={task} />)}
          </Table>
        )}
    </section>
  );
}

function Running({ overview }: { readonly overview: Overview }): View {
  const { url } = usePage();
  const running = overview.running.slice(0, ROWS);
  return (
    <section class="card" aria-labelledby="running-title">
      <header>
        <h2 id="running-title">Running now</h2>
        <span class="muted small">the longest first</span>
        <a class="end" href={url(tasksPath({ state: "STARTED,RECEIVED" }))}>
          All
        </a>
      </header>
      {running.length === 0
        ? <Empty icon="started" title="Nothing runs at the moment" />
        : (
          <Table
            caption="Running now"
            columns={[
              { head: "Task" },
              { head: "Worker", class: "wide-only" },
              { head: "For", num: true },
            ]}
          >
            {running.map((task) => <RunningRow task={task} />)}
          </Table>
        )}
    </section>
  );
}

function Queues(
  { queues }: { readonly queues: readonly QueueRow[] },
): View {
  const { url } = usePage();
  const shown = queues.toSorted((a, b) =>
    (b.oldestAge ?? -1) - (a.oldestAge ?? -1)
  ).slice(0, ROWS);
  return (
    <section class="card" aria-labelledby="queues-title">
      <header>
        <h2 id="queues-title">Queues</h2>
        <span class="muted small">the oldest task first</span>
        <a class="end" href={url("/queues")}>All {queues.length}</a>
      </header>
      {shown.length === 0
        ? (
          <Empty title="There is no queue yet">
            It is there with its first task, or with a worker that serves it.
          </Empty>
        )
        : (
          <Table
            caption="Queues"
            columns={[
              { head: "Queue" },
              { head: "Waiting", num: true },
              { head: "Oldest", num: true },
              { head: "Done", num: true, class: "wide-only" },
              { head: "Workers", num: true, class: "wide-only" },
            ]}
          >
            {shown.map((queue) => (
              <tr>
                <td class="fill">
                  <a class="plain strong" href={url(queuePath(queue.name))}>
                    {queue.name}
                  </a>{" "}
                  {queue.paused && <span class="tag warn">Paused</span>}
                </td>
                <td class={queue.queued === 0 ? "num zero" : "num"}>
                  {number(queue.queued)}
                </td>
                <td class="num">
                  {queue.oldestAt === null
                    ? ""
                    : <Time at={queue.oldestAt} as="since" />}
                </td>
                <td class="num wide-only">
                  {queue.rate === null ? "–" : `${rate(queue.rate)} /s`}
                </td>
                <td class="num wide-only">
                  {queue.consumers.length === 0
                    ? <span class="tag bad">none</span>
                    : queue.consumers.length}
                </td>
              </tr>
            ))}
          </Table>
        )}
    </section>
  );
}

function Workers(
  { workers }: { readonly workers: readonly WorkerRow[] },
): View {
  const { url } = usePage();
  const shown = workers.toSorted((a, b) => Number(a.online) - Number(b.online))
    .slice(0, ROWS);
  return (
    <section class="card" aria-labelledby="workers-title">
      <header>
        <h2 id="workers-title">Workers</h2>
        <a class="end" href={url("/workers")}>All {workers.length}</a>
      </header>
      {shown.length === 0
        ? (
          <Empty title="No worker is there">
            Start one: <code>lovage worker --app ./tasks.ts</code>
          </Empty>
        )
        : (
          <Table
            caption="Workers"
            columns={[
              { head: "Worker" },
              { head: "Slots" },
              { head: "Seen", num: true, class: "wide-only" },
            ]}
          >
            {shown.map((worker) => (
              <tr>
                <td class="fill">
                  <a class="plain strong" href={url(workerPath(worker.name))}>
                    {worker.name}
                  </a>{" "}
                  {!worker.online && <span class="tag bad">Silent</span>}
                </td>
                <td>
                  <Meter used={worker.held} of={worker.concurrency} />
                </td>
                <td class="num muted wide-only">
                  <Time at={worker.seenAt} />
                </td>
              </tr>
            ))}
          </Table>
        )}
    </section>
  );
}
