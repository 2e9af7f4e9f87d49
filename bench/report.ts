/**
 * Prints what was measured: a table per store, how the bars stand, or JSON.
 *
 * @module
 */

import {
  type Against,
  type Bar,
  BARS,
  type Standing,
  standingOf,
} from "./bars.ts";
import { type Row, type Samples, type Spread, spreadOf } from "./samples.ts";

/** What a run was. */
export interface Run {
  /** What took part, with versions. */
  readonly about: readonly string[];
  /** What did not, and why. */
  readonly skipped: readonly string[];
  /** What failed, and how. */
  readonly failures: readonly string[];
  /** How many rounds. */
  readonly rounds: number;
  readonly samples: Samples;
}

/** The tables. */
export function asMarkdown(run: Run): string {
  const stores = [...new Set(run.samples.rows.map(({ store }) => store))];
  return [
    `${run.about.join(", ")}; ${
      run.rounds === 1
        ? "one round"
        : `medians (min–max) of ${run.rounds} rounds`
    }`,
    ...run.skipped,
    ...run.failures,
    ...stores.map((store) => storeTable(store, run.samples)),
    barTable(run.samples),
  ].join("\n\n");
}

/** The same and every single figure, for programs. */
export function asJson(
  { about, skipped, failures, rounds, samples }: Run,
): string {
  return JSON.stringify(
    {
      ...{ about, skipped, failures, rounds },
      rows: samples.rows.map(({ rounds, ...key }) => ({
        ...key,
        ...spreadOf(rounds.values()),
        rounds: Object.fromEntries(rounds),
      })),
      bars: standings(samples).map(({ bar, spread, met }) => ({
        ...bar,
        ...spread,
        met,
      })),
    },
    null,
    2,
  );
}

function storeTable(store: string, samples: Samples): string {
  const rows = samples.rows.filter((row) => row.store === store);
  const contestants = [...new Set(rows.map(({ contestant }) => contestant))];
  const measures = [...new Set(rows.map(({ measure }) => measure))];
  const find = (measure: string, contestant: string) =>
    rows.find((row) =>
      row.measure === measure && row.contestant === contestant
    );
  return markdownTable(
    [store, ...contestants],
    measures.map((measure) => [
      measure,
      ...contestants.map((one) => cell(find(measure, one))),
    ]),
  );
}

function cell(row: Row | undefined): string {
  if (row === undefined) return "–";
  return showSpread(spreadOf(row.rounds.values()));
}

function barTable(samples: Samples): string {
  const all = standings(samples);
  if (all.length === 0) return "No bar was measured";
  return markdownTable(
    ["bar, round by round", "median (min–max)", "wanted", ""],
    all.map(({ bar, spread, met }) => [
      title(bar),
      showSpread(spread),
      wanted(bar),
      met ? "✓" : "✗",
    ]),
  );
}

function standings(samples: Samples): readonly Standing[] {
  return BARS.flatMap((bar) => standingOf(bar, samples) ?? []);
}

function title({ store, measure, against }: Bar): string {
  const unit = /, [^,]*$/;
  const own = against === undefined ? measure : measure.replace(unit, "");
  const others = (against ?? []).map((one: Against) =>
    [one.contestant, one.measure?.replace(unit, "")].filter(Boolean).join(": ")
  );
  const divided = others.length === 0 ? "" : ` / ${others.join(" or ")}`;
  return `${store}: ${own}${divided}`;
}

function wanted({ least, most }: Bar): string {
  return least === undefined ? `≤ ${most}` : `≥ ${least}`;
}

function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) =>
    Math.max(3, ...all.map((row) => (row[column] ?? "").length))
  );
  const line = (cells: readonly string[]) =>
    `| ${
      cells.map((text, column) =>
        column === 0
          ? text.padEnd(widths[column] ?? 0)
          : text.padStart(widths[column] ?? 0)
      ).join(" | ")
    } |`;
  const rule = widths.map((width, column) =>
    column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`
  );
  return [line(head), line(rule), ...rows.map(line)].join("\n");
}

function showSpread({ median, min, max }: Spread): string {
  if (min === max) return show(median);
  return `${show(median)} (${show(min)}–${show(max)})`;
}

function show(value: number): string {
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString("en-US");
  if (Math.abs(value) >= 100) return value.toFixed(0);
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}
