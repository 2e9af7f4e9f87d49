/**
 * The history as charts.
 *
 * @module
 */

import type { ChartData } from "../assets/chart_data.ts";
import type { History } from "../data/types/overview.ts";

/** How many tasks ended, and how. */
export function throughput({ points }: History): ChartData {
  return {
    kind: "bars",
    unit: "count",
    times: points.map(({ at }) => at),
    series: [
      {
        label: "Succeeded",
        color: "success",
        values: points.map(({ succeeded }) => succeeded),
      },
      {
        label: "Retried",
        color: "retry",
        values: points.map(({ retried }) => retried),
      },
      {
        label: "Failed",
        color: "failure",
        values: points.map(({ failed }) => failed),
      },
    ],
  };
}

/** How long tasks waited and ran. */
export function latency({ points }: History): ChartData {
  return {
    kind: "lines",
    unit: "ms",
    times: points.map(({ at }) => at),
    series: [
      {
        label: "Wait p95",
        color: "scheduled",
        values: points.map(({ waitP95 }) => waitP95),
      },
      {
        label: "Run p95",
        color: "started",
        values: points.map(({ runP95 }) => runP95),
      },
      {
        label: "Run p50",
        color: "received",
        values: points.map(({ runP50 }) => runP50),
      },
    ],
  };
}
