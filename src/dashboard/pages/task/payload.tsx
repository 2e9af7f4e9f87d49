/**
 * What a task was given, and what it has given back.
 *
 * @module
 */

import type { TaskDetail } from "../../data/types/tasks.ts";
import { Copy } from "../parts/copy.tsx";
import { Json } from "../parts/json.tsx";
import type { View } from "../parts/view.ts";

/** Arguments and result. */
export function PayloadCard(
  { task }: { readonly task: TaskDetail },
): View {
  return (
    <>
      <section class="card" aria-labelledby="args-title" id="args">
        <header>
          <h2 id="args-title">Arguments</h2>
          {task.argsCut && <span class="tag">Cut</span>}
          {task.argsJson !== null && (
            <span class="end">
              <Copy text={task.argsJson} what="the arguments" />
            </span>
          )}
        </header>
        {task.argsJson === null
          ? (
            <p class="muted">
              Not kept. With <code>resultExtended: true</code>{" "}
              they stay with the result.
            </p>
          )
          : <Json text={task.argsJson} />}
        {task.kwargsJson !== null && (
          <>
            <h3 class="between">Keyword arguments</h3>
            <Json text={task.kwargsJson} />
          </>
        )}
      </section>
      {task.resultJson !== null && (
        <section class="card" aria-labelledby="result-title" id="result">
          <header>
            <h2 id="result-title">
              {task.state === "SUCCESS" ? "Result" : "What it has said so far"}
            </h2>
            <span class="end">
              <Copy text={task.resultJson} what="the result" />
            </span>
          </header>
          <Json text={task.resultJson} />
        </section>
      )}
    </>
  );
}
