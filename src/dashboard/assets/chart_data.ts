/**
 * What a chart is drawn from.
 *
 * @module
 */

/** One line, or one layer of bars. */
export interface ChartSeries {
  /** What it is, in a word or two. */
  readonly label: string;
  /** The name of a colour in `tokens.css`, such as `failure`. */
  readonly color: string;
  /** A figure for each time; `null` where there is none. */
  readonly values: readonly (number | null)[];
}

/** A chart over time. */
export interface ChartData {
  /** Stacked bars for counts, lines for levels. */
  readonly kind: "bars" | "lines";
  /** What the figures are. */
  readonly unit: "count" | "ms";
  /** Where each figure belongs, epoch ms. */
  readonly times: readonly number[];
  /** What is drawn, the lowest layer first. */
  readonly series: readonly ChartSeries[];
}
