/**
 * What stands where there is nothing to show: why, and what to do.
 *
 * @module
 */

import type { Child } from "hono/jsx";
import { Icon, type IconName } from "./icon.tsx";
import type { View } from "./view.ts";

/** Nothing to show. */
export function Empty(
  { title, icon = "inbox", children }: {
    readonly title: string;
    readonly icon?: IconName;
    readonly children?: Child;
  },
): View {
  return (
    <div class="empty">
      <Icon name={icon} size={24} />
      <b>{title}</b>
      {children !== undefined && <p>{children}</p>}
    </div>
  );
}
