/**
 * Why a task is where it is: the gates that hold it, and those it is through.
 *
 * @module
 */

import type { GateLine, TaskExplanation } from "../../data/types/tasks.ts";
import { Copy } from "../parts/copy.tsx";
import { Icon } from "../parts/icon.tsx";
import type { View } from "../parts/view.ts";

/** The explanation of a task. */
export function ExplainCard(
  { explanation }: { readonly explanation: TaskExplanation },
): View {
  const { lines, cures, where } = explanation;
  return (
    <section class="card" aria-labelledby="why-title" id="why">
      <header>
        <h2 id="why-title">{TITLES[where] ?? "Where it is"}</h2>
      </header>
      <ol class="gates">
        {(where === "ended" ? asTold(lines) : inOrder(lines)).map((line) => (
          <Line line={line} />
        ))}
      </ol>
      {cures.length > 0 && (
        <ul class="cures" aria-label="What may help">
          {cures.map((cure) => (
            <li>
              <code>{cure}</code>
              <Copy text={cure} what="the command" />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** How a gate stands, to the eye and to the ear. */
const STANDS = {
  holding: { class: "blocks", icon: "warn", word: "Holds it" },
  unknown: { class: "unknown", icon: "info", word: "Not known" },
  passed: { class: "passes", icon: "success", word: "Passed" },
} as const;

/** What holds it is read first, what it is through last. */
function inOrder(lines: readonly GateLine[]): readonly GateLine[] {
  const rank = ({ state }: GateLine) =>
    state === "holding" ? 0 : state === "passed" ? 2 : 1;
  return lines.toSorted((a, b) => rank(a) - rank(b));
}

/** Nothing holds what has ended, and that it has failed is no gate passed. */
function asTold(lines: readonly GateLine[]): readonly GateLine[] {
  return lines.map((line) =>
    line.state === "passed" ? { ...line, state: null } : line
  );
}

function Line({ line: { state, sentence } }: {
  readonly line: GateLine;
}): View {
  if (state === null) {
    return (
      <li>
        <span class="point" aria-hidden="true"></span>
        <div>{sentence}</div>
      </li>
    );
  }
  const { class: look, icon, word } = STANDS[state];
  return (
    <li class={look}>
      <span title={word}>
        <Icon name={icon} size={14} />
        <span class="sr">{word}:</span>
      </span>
      <div>{sentence}</div>
    </li>
  );
}

const TITLES: Readonly<Record<string, string>> = {
  queued: "Why it does not run",
  scheduled: "Why it does not run yet",
  held: "What it does",
  ended: "How it ended",
  dead: "Why it can never run",
  "to come": "What it waits for",
  gone: "Why it cannot go on",
  unknown: "Nothing is known of it",
};
