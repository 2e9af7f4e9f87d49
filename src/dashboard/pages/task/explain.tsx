/**
 * Why a task is where it is: one sentence for each thing that had to be so.
 *
 * @module
 */

import type { TaskExplanation } from "../../data/types.ts";
import { Copy } from "../parts/copy.tsx";
import type { View } from "../parts/view.ts";

/** The explanation of a task. */
export function ExplainCard(
  { explanation }: { readonly explanation: TaskExplanation },
): View {
  const { sentences, cures, where } = explanation;
  return (
    <section class="card" aria-labelledby="why-title" id="why">
      <header>
        <h2 id="why-title">{TITLES[where] ?? "Where it is"}</h2>
      </header>
      <ol class="gates">
        {sentences.map((sentence, at) => (
          <li>
            <span class="step" aria-hidden="true">{at + 1}</span>
            <div>{sentence}</div>
          </li>
        ))}
      </ol>
      {cures.length > 0 && (
        <>
          <ul class="cures" aria-label="What may help">
            {cures.map((cure) => (
              <li>
                <code>{cure}</code>
                <Copy text={cure} what="the command" />
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
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
