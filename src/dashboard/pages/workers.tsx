/**
 * The workers.
 *
 * @module
 */

import { outcomeSums } from "../../control/outcome_sums.ts";
import type { WorkerRow } from "../data/types/fleet.ts";
import { number } from "./format.ts";
import { Layout } from "./layout.tsx";
import { workerPath } from "./links.ts";
import { Empty } from "./parts/empty.tsx";
import { LiveRegion } from "./parts/live.tsx";
import { Meter } from "./parts/meter.tsx";
import { type PageInfo, usePage } from "./parts/page_info.ts";
import { Table } from "./parts/table.tsx";
import { QueueLink } from "./parts/task_rows.tsx";
import { Time } from "./parts/time.tsx";
import type { View } from "./parts/view.ts";

/** Of so many queues a row shows the names. */
const QUEUES = 4;

/** The page of all workers. */
export function WorkersPage(
  { page, workers, unanswering }: {
    readonly page: PageInfo;
    readonly workers: readonly WorkerRow[];
    /** The names of live ones that do not answer. */
    readonly unanswering: readonly string[];
  },
): View {
  return (
    <Layout
      page={page}
      title="Workers"
      section="/workers"
      live={["workers", "stats"]}
    >
      <div class="head">
        <h1>Workers</h1>
      </div>
      <LiveRegion>
        {workers.length === 0
          ? (
            <div class="table">
              <Empty title="No worker is there">
                Start one: <code>lovage worker --app ./tasks.ts</code>
              </Empty>
            </div>
          )
          : (
            <Table
              caption="Workers"
              cards
              columns={[
                { head: "Worker" },
                { head: "State" },
                { head: "Slots" },
                { head: "Queues" },
                { head: "Succeeded", num: true },
                { head: "Failed", num: true },
                { head: "Started", num: true },
                { head: "Seen", num: true },
              ]}
            >
              {workers.map((worker) => (
                <Row
                  worker={worker}
                  answers={!unanswering.includes(worker.name)}
                />
              ))}
            </Table>
          )}
      </LiveRegion>
    </Layout>
  );
}

/** Whether a worker is there, in a word. */
export function Presence(
  { worker, answers = true }: {
    readonly worker: WorkerRow;
    /** Whether it has answered when it was asked. */
    readonly answers?: boolean;
  },
): View {
  if (worker.online && !answers) {
    return (
      <span
        class="presence s-retry"
        title="It was heard of within its lease, but does not answer: it stands still, is very busy, or has just ended"
      >
        <i class="dot"></i>No answer; heard of <Time at={worker.seenAt} />
      </span>
    );
  }
  return worker.online
    ? (
      <span class="presence s-success">
        <i class="dot"></i>Online
      </span>
    )
    : (
      <span class="presence s-failure">
        <i class="dot"></i>Silent for <Quiet since={worker.seenAt} />
      </span>
    );
}

function Quiet({ since }: { readonly since: number }): View {
  return <Time at={since} as="since" />;
}

function Row(
  { worker, answers }: {
    readonly worker: WorkerRow;
    readonly answers: boolean;
  },
): View {
  const { url } = usePage();
  const { name, queues, ended } = worker;
  const { succeeded, failed } = outcomeSums(ended);
  return (
    <tr>
      <td class="name">
        <a class="row plain strong" href={url(workerPath(name))} title={name}>
          {name}
        </a>
        <div class="small muted">
          {[
            worker.pool,
            worker.pid === null ? "" : `pid ${worker.pid}`,
            worker.version ?? "",
          ].filter((each) => each !== "").join(" · ")}
        </div>
      </td>
      <td class="presence-cell">
        <Presence worker={worker} answers={answers} />
      </td>
      <td data-label="Slots">
        <Meter used={worker.held} of={worker.concurrency} />
      </td>
      <td data-label="Queues">
        <span class="chips">
          {queues.slice(0, QUEUES).map((queue) => (
            <span class="chip">
              <QueueLink name={queue} />
            </span>
          ))}
          {queues.length > QUEUES && (
            <span class="chip" title={queues.join(", ")}>
              +{queues.length - QUEUES}
            </span>
          )}
        </span>
      </td>
      <td class="num" data-label="Succeeded">
        {number(succeeded)}
      </td>
      <td class={failed === 0 ? "num zero" : "num"} data-label="Failed">
        {number(failed)}
      </td>
      <td class="num muted" data-label="Started">
        <Time at={worker.startedAt} />
      </td>
      <td class="num muted" data-label="Seen">
        <Time at={worker.seenAt} />
      </td>
    </tr>
  );
}
