/**
 * Times, spans and counts as people read them.
 *
 * @module
 */

const UNITS = [["d", 86_400_000], ["h", 3_600_000], ["m", 60_000], [
  "s",
  1000,
]] as const;

/** A span in its two largest units: `3d 4h`, `5m 10s`, `12s`, `250ms`. */
export function span(ms: number): string {
  if (ms < 1000) return `${Math.max(Math.round(ms), 0)}ms`;
  let rest = Math.floor(ms / 1000) * 1000;
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
  if (Math.abs(at - now) < 1000) return "now";
  return at < now ? `${span(now - at)} ago` : `in ${span(at - now)}`;
}

/** A point in time and how far away it is. */
export function timeAndAge(at: number, now: number): string {
  return `${new Date(at).toISOString()} (${age(at, now)})`;
}

/** `1 task`, `2 tasks`. */
export function count(
  number: number,
  what: string,
  plural: string = `${what}s`,
): string {
  return `${number} ${number === 1 ? what : plural}`;
}
