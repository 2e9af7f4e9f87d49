/**
 * Small pictures of figures, drawn by the server. The figure stands beside.
 *
 * @module
 */

import type { View } from "./view.ts";

const WIDTH = 56;

/** How much of something is taken: `6/10` with a bar. */
export function Meter(
  { used, of }: { readonly used: number; readonly of: number | null },
): View {
  if (of === null || of === 0) return <span>{used}</span>;
  const share = Math.min(1, used / of);
  return (
    <span class="meter">
      <svg width={WIDTH} height="6" aria-hidden="true">
        <rect class="ground" width={WIDTH} height="6" />
        <rect
          class={share === 1 ? "used full" : "used"}
          width={Math.round(share * WIDTH)}
          height="6"
        />
      </svg>
      {used}/{of}
    </span>
  );
}
