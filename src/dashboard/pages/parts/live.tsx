/**
 * The part of a page that is kept up to date: it is fetched anew when the
 * stream says that something has changed, and only what differs is replaced.
 *
 * @module
 */

import type { Child } from "hono/jsx";
import { usePage } from "./page_info.ts";
import type { View } from "./view.ts";

/** What is kept up to date. */
export function LiveRegion(
  { children }: { readonly children: Child },
): View {
  const { url, here } = usePage();
  return (
    <div
      id="live"
      class="stack"
      hx-get={url(here)}
      hx-trigger="lv:refresh from:document"
      hx-select="#live"
      hx-swap="outerMorph"
      hx-sync="this:drop"
    >
      {children}
    </div>
  );
}
