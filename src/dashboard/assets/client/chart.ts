/**
 * `<lv-chart data="…">`: a series over time, drawn by uPlot. The page has the
 * same figures as a table beside it.
 *
 * @module
 */

import uPlot from "uplot";
import { barPaths, stack } from "./chart_bars.ts";
import type { ChartData } from "../chart_data.ts";
import { zoneChoice } from "./settings.ts";

const HEIGHT = 190;
const GAP = 40;

/** A chart. */
export class LvChart extends HTMLElement {
  static readonly observedAttributes = ["data"];

  #plot: uPlot | undefined;
  #tip: HTMLElement | undefined;
  #data: ChartData | undefined;
  #resize: ResizeObserver | undefined;

  connectedCallback(): void {
    this.#draw();
    this.#resize = new ResizeObserver(() => {
      this.#plot?.setSize({ width: this.clientWidth, height: HEIGHT });
    });
    this.#resize.observe(this);
    document.addEventListener("lv:theme", this.#redraw);
    document.addEventListener("lv:zone", this.#redraw);
    matchMedia("(prefers-color-scheme: dark)")
      .addEventListener("change", this.#redraw);
  }

  disconnectedCallback(): void {
    this.#resize?.disconnect();
    document.removeEventListener("lv:theme", this.#redraw);
    document.removeEventListener("lv:zone", this.#redraw);
    matchMedia("(prefers-color-scheme: dark)")
      .removeEventListener("change", this.#redraw);
    this.#plot?.destroy();
    this.#plot = undefined;
  }

  attributeChangedCallback(): void {
    if (!this.isConnected) return;
    const before = this.#data;
    const data = this.#read();
    const same = before?.series.length === data.series.length;
    // What is drawn already only gets new figures.
    if (this.#plot !== undefined && same) this.#plot.setData(columns(data));
    else this.#draw();
  }

  readonly #redraw = (): void => this.#draw();

  #read(): ChartData {
    this.#data = JSON.parse(this.getAttribute("data") ?? "{}") as ChartData;
    return this.#data;
  }

  #draw(): void {
    this.#plot?.destroy();
    this.replaceChildren();
    const data = this.#read();
    this.#tip = document.createElement("div");
    this.#tip.className = "chart-tip";
    this.#plot = new uPlot(this.#options(data), columns(data), this);
    this.append(this.#tip);
  }

  #options({ kind, series, unit }: ChartData): uPlot.Options {
    const style = getComputedStyle(this);
    const color = (name: string): string => resolve(this, `var(--${name})`);
    const font = `11px ${style.getPropertyValue("--sans")}`;
    const axis = {
      stroke: color("text-2"),
      font,
      grid: { stroke: color("rule"), width: 1 },
      ticks: { show: false },
    };
    return {
      width: this.clientWidth || 600,
      height: HEIGHT,
      ...(zoneChoice() === "utc"
        ? { tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1e3), "UTC") }
        : {}),
      padding: [8, 4, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 6 } },
      scales: {
        y: { range: (_, __, max) => [0, niceTop(max ?? 0)] },
      },
      axes: [
        {
          ...axis,
          grid: { show: false },
          size: 24,
          space: 64,
          values: (_, splits) => splits.map((each) => shortTime(each * 1_000)),
        },
        {
          ...axis,
          size: 52,
          space: GAP,
          values: (_, splits) => splits.map((each) => amount(each, unit)),
        },
      ],
      series: [
        {},
        ...layers(kind, series).map(({ label, color: name }) => ({
          label,
          stroke: color(name),
          width: kind === "bars" ? 0 : 1.75,
          ...(kind === "bars"
            ? { fill: color(name), paths: barPaths(), points: { show: false } }
            : {
              points: { show: isLone, size: 5, fill: color(name) },
              spanGaps: true,
            }),
        })),
      ],
      hooks: { setCursor: [(plot) => this.#point(plot)] },
    };
  }

  /** Shows the figures at the cursor. */
  #point(plot: uPlot): void {
    const tip = this.#tip;
    const { idx, left = -1 } = plot.cursor;
    const data = this.#data;
    if (tip === undefined || data === undefined) return;
    const hidden = idx === null || idx === undefined || left < 0;
    tip.classList.toggle("on", !hidden);
    if (hidden) return;
    const at = data.times[idx];
    const head = document.createElement("b");
    head.textContent = at === undefined ? "" : timeOf(at);
    const rows = data.series.toReversed().flatMap((each) => {
      const label = document.createElement("span");
      const mark = document.createElement("i");
      mark.style.background = `var(--${each.color})`;
      label.append(mark, each.label);
      const value = document.createElement("span");
      value.textContent = amount(each.values[idx] ?? null, data.unit);
      return [label, value];
    });
    tip.replaceChildren(head, ...rows);
    const room = this.clientWidth - tip.offsetWidth - 8;
    const x = plot.over.offsetLeft + left + 12;
    tip.style.left = `${
      Math.max(0, x > room ? x - tip.offsetWidth - 24 : x)
    }px`;
    tip.style.top = "8px";
  }
}

/** A single value makes no line: it is drawn as a point. */
function isLone(plot: uPlot, series: number): boolean {
  const values = plot.data[series] ?? [];
  return values.filter((value) => typeof value === "number").length === 1;
}

/** What stands lowest is drawn last, over those that begin below it. */
function layers<T>(kind: ChartData["kind"], all: readonly T[]): readonly T[] {
  return kind === "bars" ? all.toReversed() : all;
}

function columns(data: ChartData): uPlot.AlignedData {
  const values = data.kind === "bars"
    ? stack(data.series.map(({ values }) => values))
    : data.series.map(({ values }) => [...values]);
  return [
    data.times.map((ms) => ms / 1_000),
    ...layers(data.kind, values),
  ] as unknown as uPlot.AlignedData;
}

/** A colour as a canvas takes it: it does not know `light-dark()`. */
function resolve(element: HTMLElement, value: string): string {
  const before = element.style.color;
  element.style.color = value;
  const color = getComputedStyle(element).color;
  element.style.color = before;
  return color;
}

/** A top that leaves some air. */
function niceTop(max: number): number {
  return max <= 0 ? 1 : max * 1.08;
}

function timeOf(ms: number): string {
  return new Intl.DateTimeFormat(undefined, {
    timeZone: zoneChoice() === "utc" ? "UTC" : undefined,
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  }).format(ms);
}

/** The time of day, or the day where one begins. */
function shortTime(ms: number): string {
  const timeZone = zoneChoice() === "utc" ? "UTC" : undefined;
  const time = new Intl.DateTimeFormat(undefined, {
    timeZone,
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).format(ms);
  if (time !== "00:00") return time;
  return new Intl.DateTimeFormat(undefined, {
    timeZone,
    day: "numeric",
    month: "short",
  }).format(ms);
}

function amount(value: number | null, unit: ChartData["unit"]): string {
  if (value === null) return "–";
  if (unit === "ms") {
    if (value === 0) return "0";
    if (value < 1_000) return `${trim(value)} ms`;
    if (value < 60_000) return `${trim(value / 1_000)} s`;
    return `${trim(value / 60_000)} m`;
  }
  if (value >= 1e6) return `${trim(value / 1e6)}m`;
  if (value >= 1e4) return `${trim(value / 1e3)}k`;
  return trim(value);
}

function trim(value: number): string {
  return String(Number(value.toPrecision(3)));
}

if (customElements.get("lv-chart") === undefined) {
  customElements.define("lv-chart", LvChart);
}
