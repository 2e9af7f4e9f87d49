/**
 * What went on of late, in two charts: how much, and how fast.
 *
 * @module
 */

import type { History } from "../../data/types/overview.ts";
import { span } from "../format.ts";
import { latency, throughput } from "../history.ts";
import { Chart } from "./chart.tsx";
import type { View } from "./view.ts";

/** The charts of a history. */
export function HistoryCharts(
  { history }: { readonly history: History },
): View {
  const note = `per ${stepWord(history.step)}`;
  return (
    <div class="split even">
      <Chart
        id="throughput"
        title="Throughput"
        note={note}
        data={throughput(history)}
      />
      <Chart
        id="latency"
        title="Waiting and running"
        note={note}
        data={latency(history)}
      />
    </div>
  );
}

function stepWord(step: number): string {
  return step === 60_000 ? "minute" : span(step);
}
