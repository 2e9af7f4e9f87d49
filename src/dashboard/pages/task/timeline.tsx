/**
 * When what happened to a task.
 *
 * @module
 */

import type { TaskDetail, TimelineStep } from "../../data/types/tasks.ts";
import { span } from "../format.ts";
import { lookOf, stateWord } from "../parts/state.tsx";
import { WorkerLink } from "../parts/task_rows.tsx";
import { Time } from "../parts/time.tsx";
import type { View } from "../parts/view.ts";

const SAID: Readonly<Record<string, string>> = {
  PENDING: "Sent",
  SCHEDULED: "Scheduled",
  RECEIVED: "Taken by a worker",
  STARTED: "Started",
  RETRY: "Failed, to be retried",
  SUCCESS: "Succeeded",
  FAILURE: "Failed",
  REVOKED: "Revoked",
};

/** The states of a task in their order, and what is to come. */
export function TimelineCard(
  { task }: { readonly task: TaskDetail },
): View {
  const { timeline } = task;
  return (
    <section class="card" aria-labelledby="timeline-title" id="timeline">
      <header>
        <h2 id="timeline-title">Time line</h2>
        <span class="end">
          {task.runtime !== null && <>ran {span(task.runtime)}</>}
        </span>
      </header>
      {timeline.length === 0
        ? <p class="muted">No time is known.</p>
        : (
          <ol class="timeline">
            {timeline.map((step, at) => (
              <Step task={task} step={step} before={timeline[at - 1]} />
            ))}
            <Ahead task={task} />
          </ol>
        )}
    </section>
  );
}

function Step(
  { task, step, before }: {
    readonly task: TaskDetail;
    readonly step: TimelineStep;
    readonly before: TimelineStep | undefined;
  },
): View {
  const after = before === undefined ? null : step.at - before.at;
  const byWorker = step.state !== "PENDING" && task.worker !== null;
  return (
    <li class={`s-${lookOf(step.state)}`}>
      <i class="dot" aria-hidden="true"></i>
      <div>
        <p>{SAID[step.state] ?? stateWord(step.state)}</p>
        <p class="small muted">
          {after !== null && <>after {span(after)}</>}
          {after !== null && byWorker && step.state === "STARTED" && " · "}
          {byWorker && step.state === "STARTED" && (
            <WorkerLink name={task.worker} />
          )}
        </p>
      </div>
      <span class="small second">
        <Time at={step.at} as="clock" />
      </span>
    </li>
  );
}

/** What is still to come. */
function Ahead({ task }: { readonly task: TaskDetail }): View {
  if (task.endedAt !== null || task.eta === null) return null;
  return (
    <li class="s-scheduled">
      <i class="dot" aria-hidden="true"></i>
      <div>
        <p>{task.state === "RETRY" ? "Runs again" : "Is to run"}</p>
        <p class="small muted">
          <Time at={task.eta} />
        </p>
      </div>
      <span class="small second">
        <Time at={task.eta} as="clock" />
      </span>
    </li>
  );
}
