/**
 * Figures that are read at a glance; each leads to what it counts.
 *
 * @module
 */

import type { Child } from "hono/jsx";
import type { Look } from "./state.tsx";
import { usePage } from "./page_info.ts";
import type { View } from "./view.ts";

/** A figure. */
export interface StatProps {
  /** What is counted. */
  readonly label: string;
  /** The figure. */
  readonly value: Child;
  /** What it is a part of, or its unit. */
  readonly unit?: Child;
  /** One more line. */
  readonly note?: Child;
  /** The page of what is counted. */
  readonly href?: string;
  /** The state that it stands for. */
  readonly look?: Look;
}

/** A row of figures. */
export function Stats(
  { label, children }: { readonly label: string; readonly children: Child },
): View {
  return <section class="stats" aria-label={label}>{children}</section>;
}

/** A figure in a row. */
export function Stat(props: StatProps): View {
  const { label, value, unit, note, href, look } = props;
  const { url } = usePage();
  const inside = (
    <>
      <span class="label">
        {look !== undefined && <i class={`dot s-${look}`}></i>}
        {label}
      </span>
      <b>
        {value}
        {unit !== undefined && <small>{unit}</small>}
      </b>
      {note !== undefined && <span class="note">{note}</span>}
    </>
  );
  return href === undefined
    ? <div class="stat">{inside}</div>
    : <a class="stat" href={url(href)}>{inside}</a>;
}
