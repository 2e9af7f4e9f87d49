/**
 * One queue: how much waits, for how long, and who takes it.
 *
 * @module
 */

import type { QueueRow } from "../data/types/fleet.ts";
import type { History } from "../data/types/overview.ts";
import { number, rate, span } from "./format.ts";
import { Layout } from "./layout.tsx";
import { Crumb } from "./parts/crumb.tsx";
import { HistoryCharts } from "./parts/history_charts.tsx";
import { LiveRegion } from "./parts/live.tsx";
import { Banner } from "./parts/notice.tsx";
import type { PageInfo } from "./parts/page_info.ts";
import { Stat, Stats } from "./parts/stat.tsx";
import { WorkerLink } from "./parts/task_rows.tsx";
import { QueueActions, tasksOfQueue } from "./queues.tsx";
import type { View } from "./parts/view.ts";

/** The page of a queue. */
export function QueuePage(
  { page, queue, history }: {
    readonly page: PageInfo;
    readonly queue: QueueRow;
    readonly history: History;
  },
): View {
  const { name } = queue;
  return (
    <Layout
      page={page}
      title={`Queue ${name}`}
      section="/queues"
      live={["queues", "stats"]}
      chart
    >
      <LiveRegion>
        <div class="head page-head">
          <div>
            <Crumb path="/queues" name="Queues" />
            <div class="title">
              <h1>{name}</h1>
              {queue.paused && <span class="tag warn">Paused</span>}
            </div>
          </div>
          <QueueActions queue={queue} />
        </div>
        <Blocked queue={queue} />
        <Stats label="Figures">
          <Stat
            label="Waiting"
            look="pending"
            value={number(queue.queued)}
            href={tasksOfQueue(name, "PENDING")}
          />
          <Stat
            label="Oldest waits"
            value={queue.oldestAge === null ? "–" : span(queue.oldestAge)}
          />
          <Stat
            label="Scheduled"
            look="scheduled"
            value={number(queue.scheduled)}
            href={tasksOfQueue(name, "SCHEDULED")}
          />
          <Stat
            label="Running"
            look="started"
            value={number(queue.running)}
            href={tasksOfQueue(name, "STARTED,RECEIVED")}
          />
          <Stat
            label="Done"
            value={queue.rate === null ? "–" : rate(queue.rate)}
            unit=" /s"
          />
        </Stats>
        <HistoryCharts history={history} />
        <section class="card" aria-labelledby="consumers-title">
          <header>
            <h2 id="consumers-title">Workers that serve it</h2>
          </header>
          {queue.consumers.length === 0
            ? <p class="muted">None.</p>
            : (
              <ul class="chips">
                {queue.consumers.map((worker) => (
                  <li class="chip">
                    <WorkerLink name={worker} />
                  </li>
                ))}
              </ul>
            )}
        </section>
      </LiveRegion>
    </Layout>
  );
}

/** What keeps its tasks from being run, if anything does. */
function Blocked({ queue }: { readonly queue: QueueRow }): View {
  if (queue.paused) {
    return (
      <Banner>
        Nothing is taken from this queue until it is resumed; tasks can still be
        sent to it.
      </Banner>
    );
  }
  if (queue.consumers.length === 0 && queue.queued > 0) {
    return (
      <Banner kind="failed">
        No worker serves this queue: its tasks wait. Start one with{" "}
        <code>lovage worker -Q {queue.name}</code>, or have a running one serve
        it on its page.
      </Banner>
    );
  }
  return null;
}
