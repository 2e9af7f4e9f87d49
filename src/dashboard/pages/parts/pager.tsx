/**
 * The way to other pages of a list.
 *
 * @module
 */

import { number } from "../format.ts";
import { Icon } from "./icon.tsx";
import { usePage } from "./page_info.ts";
import type { View } from "./view.ts";

/** Links below a list; nothing where it is whole. */
export function Pager(
  { count, first, next, nextText = "Older" }: {
    /** How many rows are on this page. */
    readonly count: number;
    /** The first page; `null` on that page itself. */
    readonly first: string | null;
    /** The page after this one; `null` on the last. */
    readonly next: string | null;
    readonly nextText?: string;
  },
): View {
  const { url } = usePage();
  if (first === null && next === null) return null;
  return (
    <nav class="pager" aria-label="Pages">
      <span>{number(count)} on this page</span>
      <span class="actions">
        {first !== null && (
          <a class="btn" href={url(first)}>
            <Icon name="left" size={14} /> First page
          </a>
        )}
        {next !== null && (
          <a class="btn" href={url(next)}>
            {nextText} <Icon name="right" size={14} />
          </a>
        )}
      </span>
    </nav>
  );
}
