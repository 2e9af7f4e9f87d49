/**
 * The queues.
 *
 * @module
 */

import type { QueueRow } from "../data/types/fleet.ts";
import { number, rate } from "./format.ts";
import { Layout } from "./layout.tsx";
import { queuePath, tasksPath } from "./links.ts";
import { Act, AskAct } from "./parts/action.tsx";
import { Empty } from "./parts/empty.tsx";
import { LiveRegion } from "./parts/live.tsx";
import { type PageInfo, usePage } from "./parts/page_info.ts";
import { Table } from "./parts/table.tsx";
import { TasksLink } from "./parts/task_rows.tsx";
import { Time } from "./parts/time.tsx";
import type { View } from "./parts/view.ts";

/** The page of all queues. */
export function QueuesPage(
  { page, queues }: {
    readonly page: PageInfo;
    readonly queues: readonly QueueRow[];
  },
): View {
  return (
    <Layout
      page={page}
      title="Queues"
      section="/queues"
      live={["queues", "stats"]}
    >
      <div class="head">
        <h1>Queues</h1>
      </div>
      <LiveRegion>
        {queues.length === 0
          ? (
            <div class="table">
              <Empty title="There is no queue yet">
                A queue is there with its first task, or with a worker that
                serves it: <code>lovage worker -Q mail,default</code>
              </Empty>
            </div>
          )
          : (
            <Table
              caption="Queues"
              cards
              columns={[
                { head: "Queue" },
                { head: "Waiting", num: true },
                { head: "Oldest", num: true },
                { head: "Scheduled", num: true },
                { head: "Running", num: true },
                { head: "Done", num: true },
                { head: "Workers", num: true },
                { head: "Actions", unseen: true },
              ]}
            >
              {queues.map((queue) => <Row queue={queue} />)}
            </Table>
          )}
      </LiveRegion>
    </Layout>
  );
}

function Row({ queue }: { readonly queue: QueueRow }): View {
  const { url } = usePage();
  const { name } = queue;
  return (
    <tr>
      <td class="name">
        <a class="row plain strong" href={url(queuePath(name))} title={name}>
          {name}
        </a>{" "}
        {queue.paused && <span class="tag warn">Paused</span>}
      </td>
      <td class={zero(queue.queued)} data-label="Waiting">
        <TasksLink query={{ state: "PENDING", queue: name }}>
          {number(queue.queued)}
        </TasksLink>
      </td>
      <td class="num" data-label="Oldest">
        {queue.oldestAt === null
          ? <span class="muted">–</span>
          : <Time at={queue.oldestAt} as="since" />}
      </td>
      <td class={zero(queue.scheduled)} data-label="Scheduled">
        <TasksLink query={{ state: "SCHEDULED", queue: name }}>
          {number(queue.scheduled)}
        </TasksLink>
      </td>
      <td class={zero(queue.running)} data-label="Running">
        <TasksLink query={{ state: "STARTED,RECEIVED", queue: name }}>
          {number(queue.running)}
        </TasksLink>
      </td>
      <td class="num" data-label="Done">
        {queue.rate === null ? "–" : `${rate(queue.rate)} /s`}
      </td>
      <td class="num" data-label="Workers">
        {queue.consumers.length === 0
          ? <span class="tag bad">none</span>
          : queue.consumers.length}
      </td>
      <td class="acts">
        <QueueActions queue={queue} tiny />
      </td>
    </tr>
  );
}

function zero(value: number): string {
  return value === 0 ? "num zero" : "num";
}

/** What can be done with a queue. */
export function QueueActions(
  { queue, tiny = false }: {
    readonly queue: QueueRow;
    readonly tiny?: boolean;
  },
): View {
  const { name, paused } = queue;
  const waiting = queue.queued + queue.scheduled;
  return (
    <div class="actions">
      <Act
        name={paused ? "queues.resume" : "queues.pause"}
        fields={{ queue: name }}
        label={paused ? "Resume" : "Pause"}
        icon={paused ? "play" : "pause"}
        about={`${paused ? "Resume" : "Pause"} queue ${name}`}
        tiny={tiny}
      />
      <AskAct
        name="queues.purge"
        fields={{ queue: name }}
        label="Purge…"
        icon="trash"
        kind="danger"
        about={`Purge queue ${name}`}
        tiny={tiny}
        ask={`Purge queue ${name}?`}
        typed={{ field: "confirm", text: name }}
      >
        Drops all that waits in it, queued or scheduled: about{" "}
        <b>{number(waiting)}</b>{" "}
        at the moment. What runs goes on. This cannot be taken back.
      </AskAct>
    </div>
  );
}

/** A path to the tasks of a queue. */
export function tasksOfQueue(name: string, state: string): string {
  return tasksPath({ state, queue: name });
}
