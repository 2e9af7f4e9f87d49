/**
 * One worker: what it does, and how it is steered.
 *
 * @module
 */

import { outcomeSums } from "../../control/outcome_sums.ts";
import type { HeldTask, WorkerDetail } from "../data/types/fleet.ts";
import { bytes, cut, number } from "./format.ts";
import { Layout } from "./layout.tsx";
import { Act, AskAct } from "./parts/action.tsx";
import { Crumb } from "./parts/crumb.tsx";
import { Empty } from "./parts/empty.tsx";
import { LiveRegion } from "./parts/live.tsx";
import { Banner } from "./parts/notice.tsx";
import type { PageInfo } from "./parts/page_info.ts";
import { Stat, Stats } from "./parts/stat.tsx";
import { Table } from "./parts/table.tsx";
import { QueueLink, TaskLink } from "./parts/task_rows.tsx";
import { Time } from "./parts/time.tsx";
import {
  LimitsCard,
  QueuesCard,
  RegisteredCard,
  SettingsCard,
} from "./worker_cards.tsx";
import { Presence } from "./workers.tsx";
import type { View } from "./parts/view.ts";

/** The page of a worker. */
export function WorkerPage(
  { page, worker }: {
    readonly page: PageInfo;
    readonly worker: WorkerDetail;
  },
): View {
  return (
    <Layout
      page={page}
      title={worker.name}
      section="/workers"
      live={["workers", "tasks"]}
    >
      <div class="stack">
        <LiveRegion>
          <WorkerHead worker={worker} />
          {worker.silent !== null && (
            <Banner kind={worker.online ? "note" : "failed"}>
              {worker.silent}; last heard of <Time at={worker.seenAt} />.
            </Banner>
          )}
          <Figures worker={worker} />
          <Held
            id="active"
            title="Running"
            tasks={worker.active}
            none="It runs nothing at the moment"
            since="For"
          />
          {worker.reserved.length > 0 && (
            <Held
              id="reserved"
              title="Waiting in it"
              tasks={worker.reserved}
              none=""
              since="For"
            />
          )}
        </LiveRegion>
        <div class="split even">
          <QueuesCard worker={worker} />
          <LimitsCard worker={worker} />
          <RegisteredCard worker={worker} />
          <SettingsCard worker={worker} />
        </div>
      </div>
    </Layout>
  );
}

function WorkerHead(
  { worker }: { readonly worker: WorkerDetail },
): View {
  return (
    <div class="head page-head">
      <div>
        <Crumb path="/workers" name="Workers" />
        <div class="title">
          <h1>{worker.name}</h1>
          <Presence worker={worker} />
        </div>
        <p class="small muted">
          {[
            worker.pool === "" ? "" : `${worker.pool} pool`,
            worker.pid === null ? "" : `pid ${worker.pid}`,
            worker.version === null ? "" : `Lovage ${worker.version}`,
          ].filter((each) => each !== "").join(" · ")}
        </p>
      </div>
      {worker.online && <WorkerActions name={worker.name} />}
    </div>
  );
}

function WorkerActions({ name }: { readonly name: string }): View {
  const fields = { worker: name };
  return (
    <div class="actions">
      <Act
        name="workers.grow"
        fields={{ ...fields, n: "1" }}
        label="Grow"
        icon="plus"
        about="Grow by one slot"
      />
      <Act
        name="workers.shrink"
        fields={{ ...fields, n: "1" }}
        label="Shrink"
        icon="down"
        about="Shrink by one slot"
      />
      <Act
        name="workers.restartPool"
        fields={fields}
        label="Restart pool"
        icon="retry"
      />
      <AskAct
        name="workers.shutdown"
        fields={fields}
        label="Shut down…"
        icon="power"
        kind="danger"
        ask={`Shut ${name} down?`}
      >
        It takes nothing more, finishes what runs, gives back what has not
        begun, and ends. Whoever started it has to start it again.
      </AskAct>
    </div>
  );
}

function Figures({ worker }: { readonly worker: WorkerDetail }): View {
  const { succeeded, failed, retried } = outcomeSums(worker.ended);
  const slots = worker.concurrency;
  return (
    <Stats label="Figures">
      <Stat
        label="Slots in use"
        look="started"
        value={number(worker.active.length)}
        unit={slots === null ? undefined : ` of ${slots}`}
        note={worker.reserved.length === 0
          ? undefined
          : `${worker.reserved.length} more held`}
      />
      <Stat label="Succeeded" look="success" value={number(succeeded)} />
      <Stat label="Failed" look="failure" value={number(failed)} />
      <Stat label="Retried" look="retry" value={number(retried)} />
      <Stat
        label="Memory"
        value={worker.rss === null ? "–" : bytes(worker.rss)}
      />
      <Stat
        label="Started"
        value={
          <span class="word">
            <Time at={worker.startedAt} />
          </span>
        }
        note={
          <>
            seen <Time at={worker.seenAt} />
          </>
        }
      />
    </Stats>
  );
}

function Held(
  { id, title, tasks, none, since }: {
    readonly id: string;
    readonly title: string;
    readonly tasks: readonly HeldTask[];
    readonly none: string;
    readonly since: string;
  },
): View {
  return (
    <section class="card" aria-labelledby={`${id}-title`}>
      <header>
        <h2 id={`${id}-title`}>{title}</h2>
        <span class="muted small">{tasks.length}</span>
      </header>
      {tasks.length === 0 ? <Empty icon="started" title={none} /> : (
        <Table
          caption={title}
          columns={[
            { head: "Task" },
            { head: "Queue", class: "wide-only" },
            { head: "Retries", num: true, class: "wide-only" },
            { head: since, num: true },
            { head: "Actions", unseen: true },
          ]}
        >
          {tasks.map((task) => (
            <tr>
              <td class="fill">
                <TaskLink id={task.id} name={task.name} />
                <div class="small">
                  <code class="muted">{cut(task.args, 200)}</code>
                </div>
              </td>
              <td class="name wide-only">
                <QueueLink name={task.queue} />
              </td>
              <td class={`num wide-only ${task.retries === 0 ? "zero" : ""}`}>
                {task.retries}
              </td>
              <td class="num">
                <Time at={task.receivedAt} as="since" />
              </td>
              <td class="acts">
                <AskAct
                  name="tasks.terminate"
                  fields={{ id: task.id }}
                  label="Terminate…"
                  kind="danger"
                  tiny
                  about={`Terminate ${task.name} ${task.id}`}
                  ask={`Terminate ${task.name}?`}
                >
                  It is ended by force, in the middle of whatever it does. This
                  cannot be taken back.
                </AskAct>
              </td>
            </tr>
          ))}
        </Table>
      )}
    </section>
  );
}
