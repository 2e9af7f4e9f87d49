/**
 * What needs attention, and where to look.
 *
 * @module
 */

import type { Attention } from "../../data/types/overview.ts";
import { queuePath, tasksPath, workerPath } from "../links.ts";
import { Icon } from "../parts/icon.tsx";
import { usePage } from "../parts/page_info.ts";
import { Time } from "../parts/time.tsx";
import type { View } from "../parts/view.ts";

const SEVERE: Readonly<Record<Attention["severity"], string>> = {
  high: "high",
  medium: "",
  low: "",
};

/** What needs attention, the worst first. */
export function AttentionList(
  { all }: { readonly all: readonly Attention[] },
): View {
  const { url } = usePage();
  if (all.length === 0) {
    return (
      <ul class="alerts" aria-label="Needs attention">
        <li class="ok">
          <Icon name="success" size={14} />
          <span class="what">Nothing needs attention</span>
        </li>
      </ul>
    );
  }
  return (
    <ul class="alerts" aria-label="Needs attention">
      {all.map((each) => (
        <li class={SEVERE[each.severity]}>
          <Icon
            name={each.severity === "low" ? "info" : "warn"}
            size={14}
          />
          <span class="what">{each.text}</span>
          {each.since !== null && (
            <span class="when">
              <Time at={each.since} />
            </span>
          )}
          <a href={url(subjectPath(each))} aria-label={`Look: ${each.text}`}>
            Look
          </a>
        </li>
      ))}
    </ul>
  );
}

function subjectPath({ subject: { kind, name } }: Attention): string {
  switch (kind) {
    case "queue":
      return queuePath(name);
    case "worker":
      return workerPath(name);
    case "task":
      return tasksPath({ state: "FAILURE", name });
    case "schedule":
      return "/schedules";
    case "dead":
      return "/dead";
    case "store":
      return "/";
  }
}
