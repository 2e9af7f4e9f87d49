/**
 * Points in time. The server writes them in UTC, in full; a script shows them
 * in the viewer's zone, with the exact time at hand.
 *
 * @module
 */

import type { View } from "./view.ts";

/** How a time is shown: how long ago, by the clock, in full, or for how long. */
export type TimeForm = "ago" | "clock" | "full" | "since";

/** A point in time (epoch ms, or a date); a dash where there is none. */
export function Time(
  { at, as = "ago" }: {
    readonly at: number | Date | null | undefined;
    readonly as?: TimeForm;
  },
): View {
  if (at === null || at === undefined) return <span class="muted">–</span>;
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return <span class="muted">–</span>;
  const iso = date.toISOString();
  return (
    <lv-time at={String(date.getTime())} as={as}>
      <time datetime={iso} title={iso}>
        {iso.slice(0, 19).replace("T", " ")} UTC
      </time>
    </lv-time>
  );
}
