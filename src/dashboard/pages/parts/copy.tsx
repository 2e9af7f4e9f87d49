/**
 * A button that copies. Without scripts it is not there.
 *
 * @module
 */

import { Icon } from "./icon.tsx";
import type { View } from "./view.ts";

/** Copies a text. */
export function Copy(
  { text, what }: { readonly text: string; readonly what: string },
): View {
  return (
    <lv-copy text={text}>
      <button
        type="button"
        class="btn bare tiny icon"
        aria-label={`Copy ${what}`}
        title={`Copy ${what}`}
      >
        <Icon name="copy" size={14} />
      </button>
    </lv-copy>
  );
}
