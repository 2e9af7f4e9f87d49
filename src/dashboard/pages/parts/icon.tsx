/**
 * Icons, drawn in the colour of the text around them.
 *
 * @module
 */

import type { View } from "./view.ts";

/** Paths on a square of 16; each is drawn as a line of 1.6. */
const LINES = {
  pending: ["M8 2.5a5.5 5.5 0 1 1 0 11a5.5 5.5 0 0 1 0-11Z"],
  scheduled: ["M8 2.5a5.5 5.5 0 1 1 0 11a5.5 5.5 0 0 1 0-11Z", "M8 5v3l2 1.5"],
  received: ["M8 2.5v7", "M5 7l3 3l3-3", "M3 13h10"],
  started: ["M5 3.2v9.6l8-4.8Z"],
  retry: ["M13 8a5 5 0 1 1-1.6-3.7", "M13.2 2v3h-3"],
  success: ["M3 8.5l3.3 3.3L13 5"],
  failure: ["M4 4l8 8", "M12 4l-8 8"],
  revoked: [
    "M8 2.5a5.5 5.5 0 1 1 0 11a5.5 5.5 0 0 1 0-11Z",
    "M4.2 11.8l7.6-7.6",
  ],
  dead: ["M5.5 2.5h5l3 3v5l-3 3h-5l-3-3v-5Z", "M6 6l4 4", "M10 6l-4 4"],
  search: ["M7 2.5a4.5 4.5 0 1 1 0 9a4.5 4.5 0 0 1 0-9Z", "M10.5 10.5l3 3"],
  theme: ["M8 2.5a5.5 5.5 0 1 0 5.5 6.5A4.5 4.5 0 0 1 8 2.5Z"],
  warn: ["M8 2.5l6 10.8H2Z", "M8 6.5v3", "M8 11.4v.1"],
  info: [
    "M8 2.5a5.5 5.5 0 1 1 0 11a5.5 5.5 0 0 1 0-11Z",
    "M8 7.4v3.2",
    "M8 5.2v.1",
  ],
  copy: ["M6 6h7v7H6Z", "M3.5 10V3.5H10"],
  pause: ["M5.5 3.5v9", "M10.5 3.5v9"],
  play: ["M5 3.2v9.6l8-4.8Z"],
  trash: ["M3 4.5h10", "M6.5 4.5v-2h3v2", "M4.5 4.5l.6 9h5.8l.6-9"],
  more: ["M3.5 8v.01", "M8 8v.01", "M12.5 8v.01"],
  plus: ["M8 3v10", "M3 8h10"],
  left: ["M10 3.5L5.5 8l4.5 4.5"],
  right: ["M6 3.5L10.5 8L6 12.5"],
  up: ["M8 13V3.5", "M4 7.5l4-4l4 4"],
  down: ["M8 3v9.5", "M4 8.5l4 4l4-4"],
  inbox: ["M2.5 9l2-5.5h7l2 5.5v4h-11Z", "M2.5 9h3.2l1 1.8h2.6l1-1.8h3.2"],
  edit: ["M3 13l.6-3L10.5 3l2.5 2.5L6 12.4Z"],
  power: ["M8 2.5v5", "M4.6 4.6a5 5 0 1 0 6.8 0"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** The icons that there are. */
export type IconName = keyof typeof LINES;

/** An icon. It says nothing by itself: a word stands beside it, or a label. */
export function Icon(
  { name, size = 16 }: {
    readonly name: IconName;
    readonly size?: number;
  },
): View {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      stroke-width={size < 14 ? 2.2 : 1.6}
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      {LINES[name].map((d) => <path d={d} />)}
    </svg>
  );
}

/** The leaf that stands for Lovage. */
export function Logo(): View {
  return (
    <svg width="22" height="22" viewBox="0 0 22 22" aria-hidden="true">
      <path
        fill="currentColor"
        d="M11 1.5c2.6 2.3 3.9 4.7 3.9 7.1c1.7-.9 3.5-1.2 5.6-.8c-.3 3.9-2.4 6.7-6 7.6c-1 .3-1.9.3-2.7.2v4.9h-1.6v-4.9c-.8.1-1.7.1-2.7-.2c-3.6-.9-5.7-3.7-6-7.6c2.1-.4 3.9-.1 5.6.8c0-2.4 1.3-4.8 3.9-7.1Z"
      />
    </svg>
  );
}
