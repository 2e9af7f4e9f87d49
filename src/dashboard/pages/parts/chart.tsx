/**
 * Charts over time: drawn by a script, with the same figures as a table for
 * those who cannot see it.
 *
 * @module
 */

import type { ChartData } from "../../assets/chart_data.ts";
import { number, span } from "../format.ts";
import { Time } from "./time.tsx";
import type { View } from "./view.ts";

/** A chart with its title, its legend and its table. */
export function Chart(
  { id, title, note, data }: {
    readonly id: string;
    readonly title: string;
    /** What it covers. */
    readonly note: string;
    readonly data: ChartData;
  },
): View {
  return (
    <section class="card" aria-labelledby={`${id}-title`}>
      <header>
        <h2 id={`${id}-title`}>{title}</h2>
        <span class="muted small">{note}</span>
        <span class="end legend">
          {data.series.map(({ label, color }) => (
            <span>
              <svg width="9" height="9" aria-hidden="true">
                <rect width="9" height="9" rx="2" class={`c-${color}`} />
              </svg>
              {label}
            </span>
          ))}
        </span>
      </header>
      <lv-chart
        id={id}
        data={JSON.stringify(data)}
        hx-morph-skip-children
      >
      </lv-chart>
      <details class="twin" id={`${id}-table`}>
        <summary>As a table</summary>
        <div class="scroll" tabindex={0} role="group" aria-label={title}>
          <table>
            <thead>
              <tr>
                <th scope="col">Time</th>
                {data.series.map(({ label }) => (
                  <th scope="col" class="num">{label}</th>
                ))}
              </tr>
            </thead>
            <tbody>
              {data.times.map((_, index) => index).reverse().map((index) => (
                <tr>
                  <td>
                    <Time at={data.times[index]} as="clock" />
                  </td>
                  {data.series.map(({ values }) => (
                    <td class="num">
                      {figure(values[index] ?? null, data.unit)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </section>
  );
}

function figure(value: number | null, unit: ChartData["unit"]): string {
  if (value === null) return "–";
  return unit === "ms" ? span(value) : number(value);
}
