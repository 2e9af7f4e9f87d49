/**
 * What was done, what went wrong, what to mind.
 *
 * @module
 */

import type { Child } from "hono/jsx";
import type { Notice } from "../../context.ts";
import { Icon } from "./icon.tsx";
import type { View } from "./view.ts";

/** What the action before this page came to. */
export function NoticeBox(
  { notice }: { readonly notice: Notice | null },
): View {
  if (notice === null) return null;
  return (
    <div
      class={notice.ok ? "flash" : "flash failed"}
      role={notice.ok ? "status" : "alert"}
    >
      <Icon name={notice.ok ? "success" : "warn"} size={14} />
      <span>{notice.text}</span>
    </div>
  );
}

/** Something to know about what is shown. */
export function Banner(
  { kind = "note", children }: {
    readonly kind?: "note" | "failed";
    readonly children: Child;
  },
): View {
  return (
    <div class={`banner ${kind}`} role="note">
      <Icon name={kind === "note" ? "info" : "warn"} size={14} />
      <div>{children}</div>
    </div>
  );
}
