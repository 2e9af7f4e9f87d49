/**
 * The first of each list: what failed, what runs, queues and workers.
 *
 * @module
 */

import type { Child } from "hono/jsx";
import type { QueueRow, WorkerRow } from "../../data/types/fleet.ts";
import type { Overview } from "../../data/types/overview.ts";
import { number, rate } from "../format.ts";
import { queuePath, tasksPath, workerPath } from "../links.ts";
import { Empty } from "../parts/empty.tsx";
import { Meter } from "../parts/meter.tsx";
import { usePage } from "../parts/page_info.ts";
import { Table } from "../parts/table.tsx";
import { FailureRow, RunningRow } from "../parts/task_rows.tsx";
import { Time } from "../parts/time.tsx";
import type { View } from "../parts/view.ts";

const ROWS = 8;

/** The tasks that failed last. */
export function Failures({ overview }: { readonly overview: Overview }): View {
  const failures = overview.failures.slice(0, ROWS);
  return (
    <ListCard
      id="failures"
      title="Recent failures"
      path={tasksPath({ state: "FAILURE" })}
    >
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
    </ListCard>
  );
}

/** The tasks that run for longest. */
export function Running({ overview }: { readonly overview: Overview }): View {
  const running = overview.running.slice(0, ROWS);
  return (
    <ListCard
      id="running"
      title="Running now"
      note="the longest first"
      path={tasksPath({ state: "STARTED,RECEIVED" })}
    >
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
    </ListCard>
  );
}

/** The queues whose tasks wait for longest. */
export function Queues(
  { queues }: { readonly queues: readonly QueueRow[] },
): View {
  const { url } = usePage();
  const shown = queues.toSorted((a, b) =>
    (b.oldestAge ?? -1) - (a.oldestAge ?? -1)
  ).slice(0, ROWS);
  return (
    <ListCard
      id="queues"
      title="Queues"
      note="the oldest task first"
      path="/queues"
      of={queues.length}
    >
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
    </ListCard>
  );
}

/** The workers; those that are silent come first. */
export function Workers(
  { workers }: { readonly workers: readonly WorkerRow[] },
): View {
  const { url } = usePage();
  const shown = workers.toSorted((a, b) => Number(a.online) - Number(b.online))
    .slice(0, ROWS);
  return (
    <ListCard id="workers" title="Workers" path="/workers" of={workers.length}>
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
    </ListCard>
  );
}

/** The first of a list, and the way to all of it. */
function ListCard(
  { id, title, note, path, of, children }: {
    readonly id: string;
    readonly title: string;
    /** What decides who is first, where that is not plain. */
    readonly note?: string;
    readonly path: string;
    /** How many there are. */
    readonly of?: number;
    readonly children?: Child;
  },
): View {
  const { url } = usePage();
  return (
    <section class="card" aria-labelledby={`${id}-title`}>
      <header>
        <h2 id={`${id}-title`}>{title}</h2>
        {note !== undefined && <span class="muted small">{note}</span>}
        <a class="end" href={url(path)}>
          {of === undefined ? "All" : `All ${of}`}
        </a>
      </header>
      {children}
    </section>
  );
}
