/**
 * Times, spans, counts and names as they stand in sentences.
 *
 * @module
 */

const UNITS = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
] as const;

/** The last time that has a date. */
const LAST = 8.64e15;
const LONGEST_LINE = 300;
const MOST_NAMES = 5;

/** A span in its two largest units: `3d 4h`, `5m 10s`, `250ms`. */
export function span(ms: number): string {
  if (!(ms >= 1_000)) return `${Math.max(0, Math.round(ms) || 0)}ms`;
  let rest = ms;
  const parts: string[] = [];
  for (const [unit, length] of UNITS) {
    const count = Math.floor(rest / length);
    rest -= count * length;
    if (count > 0) parts.push(`${count}${unit}`);
    else if (parts.length > 0) break;
    if (parts.length === 2) break;
  }
  return parts.join(" ");
}

/** How long ago, or in how long. */
export function age(at: number, now: number): string {
  if (Math.abs(at - now) < 1_000) return "now";
  return at < now ? `${span(now - at)} ago` : `in ${span(at - now)}`;
}

/** A point in time, and how far away it is. */
export function timeAndAge(at: number, now: number): string {
  if (!(Math.abs(at) <= LAST)) return "no time that there is";
  return `${new Date(at).toISOString()} (${age(at, now)})`;
}

/** A point in time with how far away it is, after `at`. */
export function when(at: number, now: number): string {
  return `at ${timeAndAge(at, now)}`;
}

/** `1 task`, `2 tasks`. */
export function count(
  number: number,
  what: string,
  plural: string = `${what}s`,
): string {
  return `${number} ${number === 1 ? what : plural}`;
}

/** The first few of several names, and how many more there are. */
export function list(
  names: readonly string[],
  most: number = MOST_NAMES,
): string {
  const shown = names.slice(0, most).join(", ");
  const more = names.length - most;
  return more > 0 ? `${shown} and ${more} more` : shown;
}

/** A text on one line, cut. */
export function line(text: string): string {
  const plain = text.replaceAll(/\s+/g, " ").trim();
  return plain.length > LONGEST_LINE
    ? `${plain.slice(0, LONGEST_LINE).toWellFormed()}…`
    : plain;
}

/** A name as an argument of a command. */
export function argument(name: string): string {
  return /^[\w./:@%+=,-]+$/.test(name)
    ? name
    : `'${name.replaceAll("'", `'\\''`)}'`;
}
