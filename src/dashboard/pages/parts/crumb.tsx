/**
 * The way back to the list that a page belongs to.
 *
 * @module
 */

import { Icon } from "./icon.tsx";
import { usePage } from "./page_info.ts";
import type { View } from "./view.ts";

/** A link to the list above. */
export function Crumb(
  { path, name }: { readonly path: string; readonly name: string },
): View {
  return (
    <nav class="crumb" aria-label="Where this is">
      <a href={usePage().url(path)}>
        <Icon name="left" size={12} />
        {name}
      </a>
    </nav>
  );
}
