/**
 * The first page: what is wrong, how much goes on, what runs, what failed.
 *
 * @module
 */

import type { Overview } from "../data/types/overview.ts";
import { Layout } from "./layout.tsx";
import { AttentionList } from "./overview/attention.tsx";
import { Failures, Queues, Running, Workers } from "./overview/lists.tsx";
import { Pulse } from "./overview/pulse.tsx";
import { HistoryCharts } from "./parts/history_charts.tsx";
import { LiveRegion } from "./parts/live.tsx";
import type { PageInfo } from "./parts/page_info.ts";
import type { View } from "./parts/view.ts";

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
        <HistoryCharts history={history} />
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
