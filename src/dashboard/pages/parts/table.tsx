/**
 * Tables.
 *
 * @module
 */

import type { Child } from "hono/jsx";
import type { View } from "./view.ts";

/** A column. */
export interface Column {
  /** Its head; what is not shown is still read aloud. */
  readonly head: Child;
  /** Numbers stand at the right. */
  readonly num?: boolean;
  /** For those who cannot see it only. */
  readonly unseen?: boolean;
  /** How it is sorted. */
  readonly sort?: "ascending" | "descending" | "none";
  /** Its class. */
  readonly class?: string;
}

/** A table with a caption that is read aloud. */
export function Table(
  { caption, columns, cards = false, children }: {
    readonly caption: string;
    readonly columns: readonly Column[];
    /** Whether its rows are small cards on a phone. */
    readonly cards?: boolean;
    readonly children: Child;
  },
): View {
  return (
    <div
      class={cards ? "table cards" : "table"}
      role="group"
      aria-label={caption}
      tabindex={0}
    >
      <table>
        <caption class="sr">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => <Head {...column} />)}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

function Head(
  { head, num = false, unseen = false, sort, class: look = "" }: Column,
): View {
  const classes = [num ? "num" : "", look].filter((each) => each !== "");
  return (
    <th
      scope="col"
      {...(classes.length === 0 ? {} : { class: classes.join(" ") })}
      {...(sort === undefined ? {} : { "aria-sort": sort })}
    >
      {unseen ? <span class="sr">{head}</span> : head}
    </th>
  );
}
