/**
 * Figures as people read them.
 *
 * @module
 */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A number with its thousands apart. */
export function number(value: number): string {
  return Math.abs(value) < 1_000 && Number.isInteger(value)
    ? String(value)
    : new Intl.NumberFormat("en").format(value);
}

/** A rate: two digits that count. */
export function rate(value: number): string {
  if (value === 0) return "0";
  return value >= 10
    ? number(Math.round(value))
    : String(Number(value.toPrecision(2)));
}

/** `1 task`, `2 tasks`. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${number(value)} ${value === 1 ? one : many}`;
}

/** A span of time (ms): `350 ms`, `4.2 s`, `3 m 12 s`, `2 h 5 m`, `4 d 2 h`. */
export function span(ms: number): string {
  if (ms < 1) return ms <= 0 ? "0 ms" : "< 1 ms";
  if (ms < SECOND) return `${Math.round(ms)} ms`;
  if (ms < MINUTE) {
    return `${
      ms < 10 * SECOND ? (ms / SECOND).toFixed(1) : Math.round(ms / SECOND)
    } s`;
  }
  if (ms < HOUR) return two(ms, MINUTE, "m", SECOND, "s");
  if (ms < DAY) return two(ms, HOUR, "h", MINUTE, "m");
  return two(ms, DAY, "d", HOUR, "h");
}

function two(
  ms: number,
  unit: number,
  name: string,
  lower: number,
  lowerName: string,
): string {
  const whole = Math.floor(ms / unit);
  const rest = Math.floor((ms % unit) / lower);
  return rest === 0
    ? `${whole} ${name}`
    : `${whole} ${name} ${rest} ${lowerName}`;
}

/** A size in bytes: `48 MB`. */
export function bytes(value: number): string {
  if (value < 1_024) return `${value} B`;
  if (value < 1_024 ** 2) return `${Math.round(value / 1_024)} kB`;
  if (value < 1_024 ** 3) return `${Math.round(value / 1_024 ** 2)} MB`;
  return `${(value / 1_024 ** 3).toFixed(1)} GB`;
}

/** A share (0 to 1) in per cent. */
export function percent(share: number): string {
  const value = share * 100;
  return `${value > 0 && value < 10 ? value.toFixed(1) : Math.round(value)} %`;
}

/** An id that fits into a cell. */
export function shortId(id: string): string {
  return id.length <= 13 ? id : `${id.slice(0, 8)}…${id.slice(-4)}`;
}

/** The beginning of a long text, in one line. */
export function cut(text: string, most: number): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length <= most ? line : `${line.slice(0, most - 1)}…`;
}
