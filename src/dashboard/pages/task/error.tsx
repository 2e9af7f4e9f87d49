/**
 * Why a task failed.
 *
 * @module
 */

import type { ErrorFacts } from "../../data/types/tasks.ts";
import { Copy } from "../parts/copy.tsx";
import type { View } from "../parts/view.ts";

/** Causes are followed so deep. */
const DEEPEST = 8;

/** The error of a task with its stack and its causes. */
export function ErrorCard(
  { failure }: { readonly failure: ErrorFacts },
): View {
  return (
    <section class="card error" aria-labelledby="error-title" id="error">
      <header>
        <h2 id="error-title">Error</h2>
        <span class="end">
          <Copy
            text={failure.stack ?? `${failure.name}: ${failure.message}`}
            what="the error"
          />
        </span>
      </header>
      <OneError error={failure} depth={0} />
    </section>
  );
}

function OneError(
  { error, depth }: { readonly error: ErrorFacts; readonly depth: number },
): View {
  return (
    <div>
      <p class="message">
        <span class="type">{error.name}</span>
        {error.message === "" ? "" : `: ${error.message}`}
      </p>
      {error.stack !== null && <Stack error={error} />}
      {error.cause !== null && depth < DEEPEST && (
        <div class="cause">
          <h3>Caused by</h3>
          <OneError error={error.cause} depth={depth + 1} />
        </div>
      )}
    </div>
  );
}

/** The frames of the stack; those that are not the user's own stand back. */
function Stack({ error }: { readonly error: ErrorFacts }): View {
  const frames = framesOf(error);
  if (frames.length === 0) return null;
  return (
    <pre class="code" tabindex={0} aria-label="Stack">
      {frames.map((frame, at) => (
        <>
          {at > 0 && "\n"}
          <span class={isForeign(frame) ? "away" : ""}>{frame}</span>
        </>
      ))}
    </pre>
  );
}

/** The stack without the message above it, which is shown already. */
function framesOf({ stack }: ErrorFacts): readonly string[] {
  const lines = (stack ?? "").split("\n");
  const first = lines.findIndex((line) => /^\s+at /.test(line));
  const frames = first === -1 ? lines : lines.slice(first);
  return frames.map((line) => line.replace(/^\s+/, ""))
    .filter((line) => line !== "");
}

function isForeign(frame: string): boolean {
  return /node_modules|\/npm\/|ext:|node:internal|\(node:|\/src\/worker\/|@lovage\/lovage/
    .test(frame);
}
