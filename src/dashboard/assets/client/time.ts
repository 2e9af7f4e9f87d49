/**
 * Points in time, in the zone of who looks. The server writes them in UTC;
 * `<lv-time>` shows them as one reads them best and keeps them so.
 *
 * @module
 */

import { zoneChoice } from "./settings.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const shown = new Set<LvTime>();

/** `<lv-time at="1700000000000" as="ago|clock|full|since">`. */
export class LvTime extends HTMLElement {
  static readonly observedAttributes = ["at", "as"];

  connectedCallback(): void {
    shown.add(this);
    this.render();
  }

  disconnectedCallback(): void {
    shown.delete(this);
  }

  attributeChangedCallback(): void {
    if (this.isConnected) this.render();
  }

  /** Writes it anew. */
  render(now: number = Date.now()): void {
    const at = Number(this.getAttribute("at"));
    const inner = this.querySelector("time");
    if (!Number.isFinite(at) || inner === null) return;
    const text = textOf(at, this.getAttribute("as") ?? "ago", now);
    if (inner.textContent !== text) inner.textContent = text;
    inner.title = `${exact(at)}\n${new Date(at).toISOString()}`;
  }
}

/** All of them anew: time has passed, or the server has written over them. */
export function renderTimes(): void {
  const now = Date.now();
  for (const each of shown) each.render(now);
}

/** Keeps what says "3 s ago" true. */
export function startClock(): void {
  const tick = (): void => {
    if (!document.hidden) renderTimes();
    setTimeout(tick, SECOND);
  };
  tick();
}

function textOf(at: number, as: string, now: number): string {
  if (as === "clock") return clock(at, now);
  if (as === "full") return exact(at);
  if (as === "since") return span(Math.max(0, now - at));
  return ago(at, now);
}

/** `3 m ago`, `in 2 h`; the date when it is far away. */
function ago(at: number, now: number): string {
  const distance = Math.abs(now - at);
  if (distance < 2 * SECOND) return "now";
  if (distance >= 7 * DAY) return clock(at, now);
  return at < now ? `${span(distance)} ago` : `in ${span(distance)}`;
}

function span(ms: number): string {
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s`;
  if (ms < HOUR) return two(ms, MINUTE, "m", SECOND, "s", 10 * MINUTE);
  if (ms < DAY) return two(ms, HOUR, "h", MINUTE, "m", 10 * HOUR);
  return two(ms, DAY, "d", HOUR, "h", 3 * DAY);
}

/** With its second unit while the first one is small. */
function two(
  ms: number,
  unit: number,
  name: string,
  lower: number,
  lowerName: string,
  until: number,
): string {
  const whole = Math.floor(ms / unit);
  const rest = Math.floor((ms % unit) / lower);
  if (ms >= until || rest === 0) return `${whole} ${name}`;
  return `${whole} ${name} ${rest} ${lowerName}`;
}

/** The time of day; with the date when that is another day. */
function clock(at: number, now: number): string {
  const timeZone = zone();
  const day = new Intl.DateTimeFormat("en-CA", { timeZone });
  const time = new Intl.DateTimeFormat(undefined, {
    timeZone,
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  }).format(at);
  if (day.format(at) === day.format(now)) return time;
  const date = new Intl.DateTimeFormat(undefined, {
    timeZone,
    day: "numeric",
    month: "short",
    ...(Math.abs(at - now) > 300 * DAY ? { year: "numeric" as const } : {}),
  }).format(at);
  return `${date} ${time}`;
}

function exact(at: number): string {
  return new Intl.DateTimeFormat(undefined, {
    timeZone: zone(),
    weekday: "short",
    year: "numeric",
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    fractionalSecondDigits: 3,
    hourCycle: "h23",
    timeZoneName: "short",
  }).format(at);
}

function zone(): string | undefined {
  return zoneChoice() === "utc" ? "UTC" : undefined;
}
