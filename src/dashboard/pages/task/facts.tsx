/**
 * What else is known of a task.
 *
 * @module
 */

import type { Child } from "hono/jsx";
import type { TaskDetail } from "../../data/types/tasks.ts";
import { shortId, span } from "../format.ts";
import { taskPath } from "../links.ts";
import { Json } from "../parts/json.tsx";
import { usePage } from "../parts/page_info.ts";
import { QueueLink, WorkerLink } from "../parts/task_rows.tsx";
import { Time } from "../parts/time.tsx";
import type { View } from "../parts/view.ts";

/** Facts in two columns; what is not known is left out. */
export function FactsCard(
  { task }: { readonly task: TaskDetail },
): View {
  const facts: readonly (readonly [string, Child | null])[] = [
    ["Queue", task.queue === null ? null : <QueueLink name={task.queue} />],
    [
      "Worker",
      task.worker === null ? null : <WorkerLink name={task.worker} />,
    ],
    ["Waited", task.waited === null ? null : span(task.waited)],
    ["Ran", task.runtime === null ? null : span(task.runtime)],
    ["Retries", task.retries],
    ["Workers lost", task.losses === 0 ? null : task.losses],
    [
      "Priority",
      task.priority === null ? null : `${task.priority} (0 is first)`,
    ],
    [
      "Time limits",
      task.softTimeLimit === null && task.timeLimit === null ? null : [
        task.softTimeLimit === null ? "" : `soft ${span(task.softTimeLimit)}`,
        task.timeLimit === null ? "" : `hard ${span(task.timeLimit)}`,
      ].filter((each) => each !== "").join(", "),
    ],
    ["Expires", task.expires === null ? null : <Time at={task.expires} />],
    ["Sent by", task.origin],
    [
      "First task",
      task.rootId === task.id ? null : <IdLink id={task.rootId} />,
    ],
    [
      "Parent",
      task.parentId === null ? null : <IdLink id={task.parentId} />,
    ],
    [
      "Group",
      task.groupId === null
        ? null
        : <span class="mono" title={task.groupId}>{shortId(task.groupId)}
        </span>,
    ],
    [
      "Record kept",
      task.recordExpiresAt === null ? null : (
        <>
          until <Time at={task.recordExpiresAt} as="clock" />
        </>
      ),
    ],
  ];
  return (
    <section class="card" aria-labelledby="facts-title">
      <header>
        <h2 id="facts-title">Facts</h2>
      </header>
      <dl class="kv">
        {facts.filter(([, value]) => value !== null).map(([name, value]) => (
          <>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </>
        ))}
      </dl>
    </section>
  );
}

function IdLink({ id }: { readonly id: string }): View {
  return (
    <a class="mono" href={usePage().url(taskPath(id))} title={id}>
      {shortId(id)}
    </a>
  );
}

/** The headers of a task. */
export function HeadersCard(
  { headers }: { readonly headers: Readonly<Record<string, unknown>> | null },
): View {
  if (headers === null || Object.keys(headers).length === 0) return null;
  return (
    <section class="card" aria-labelledby="headers-title" id="headers">
      <header>
        <h2 id="headers-title">Headers</h2>
      </header>
      <Json text={JSON.stringify(headers)} />
    </section>
  );
}
