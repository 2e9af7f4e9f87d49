/**
 * What the keyboard can do.
 *
 * @module
 */

import type { View } from "./view.ts";

const KEYS: readonly (readonly [readonly string[], string])[] = [
  [["/"], "Find a task, a queue, a worker or a schedule"],
  [["g", "o"], "Overview"],
  [["g", "t"], "Tasks"],
  [["g", "q"], "Queues"],
  [["g", "w"], "Workers"],
  [["g", "s"], "Schedules"],
  [["g", "d"], "Dead letters"],
  [["j"], "Next row"],
  [["k"], "Row before"],
  [["x"], "Choose the row"],
  [["p"], "Pause or resume live updates"],
  [["?"], "This list"],
];

/** The dialog that lists the keys. */
export function Keys(): View {
  return (
    <dialog id="keys" aria-labelledby="keys-title">
      <div class="inside">
        <h2 id="keys-title">Keyboard</h2>
        <dl class="keys">
          {KEYS.map(([keys, what]) => (
            <>
              <dt>{keys.map((key) => <kbd>{key}</kbd>)}</dt>
              <dd>{what}</dd>
            </>
          ))}
        </dl>
        <form method="dialog" class="actions">
          <button class="btn" type="submit">Close</button>
        </form>
      </div>
    </dialog>
  );
}
