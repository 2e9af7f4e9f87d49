/**
 * One task: what became of it and why, what it was given, when what happened,
 * and what it belongs to.
 *
 * @module
 */

import type { TaskDetail, TaskExplanation } from "../data/types/tasks.ts";
import type { TaskTree } from "../data/types/tree.ts";
import { Layout } from "./layout.tsx";
import { tasksPath } from "./links.ts";
import { Act, AskAct } from "./parts/action.tsx";
import { Copy } from "./parts/copy.tsx";
import { Icon } from "./parts/icon.tsx";
import { LiveRegion } from "./parts/live.tsx";
import { type PageInfo, usePage } from "./parts/page_info.ts";
import { State } from "./parts/state.tsx";
import { ErrorCard } from "./task/error.tsx";
import { ExplainCard } from "./task/explain.tsx";
import { FactsCard, HeadersCard } from "./task/facts.tsx";
import { PayloadCard } from "./task/payload.tsx";
import { TimelineCard } from "./task/timeline.tsx";
import { TreeCard } from "./task/tree.tsx";
import type { View } from "./parts/view.ts";

/** What the page shows. */
export interface TaskProps {
  readonly page: PageInfo;
  readonly task: TaskDetail;
  readonly explanation: TaskExplanation;
  readonly tree: TaskTree;
}

/** The page of a task. */
export function TaskPage(props: TaskProps): View {
  const { page, task, explanation, tree } = props;
  const name = task.name === "" ? "Unknown task" : task.name;
  const isOver = task.failure !== null;
  return (
    <Layout
      page={page}
      title={name}
      section="/tasks"
      live={["tasks", `task:${task.id}`]}
    >
      <LiveRegion>
        <TaskHead task={task} name={name} />
        <div class="split">
          <div class="stack">
            {task.failure !== null && <ErrorCard failure={task.failure} />}
            {!isOver && <ExplainCard explanation={explanation} />}
            <PayloadCard task={task} />
            {isTree(tree) && <TreeCard tree={tree} />}
          </div>
          <div class="stack">
            <TimelineCard task={task} />
            {isOver && <ExplainCard explanation={explanation} />}
            <FactsCard task={task} />
            <HeadersCard headers={task.headers} />
          </div>
        </div>
      </LiveRegion>
    </Layout>
  );
}

/** Whether there is more in it than the task itself. */
function isTree({ tree }: TaskTree): boolean {
  const [first] = tree;
  return tree.length > 1 || (first !== undefined && first.children.length > 0);
}

function TaskHead(
  { task, name }: { readonly task: TaskDetail; readonly name: string },
): View {
  const { url } = usePage();
  return (
    <div class="head page-head">
      <div>
        <nav class="crumb" aria-label="Where this is">
          <a href={url("/tasks")}>Tasks</a>
          {task.name !== "" && (
            <>
              <Icon name="right" size={12} />
              <a href={url(tasksPath({ name: task.name }))}>
                All {task.name}
              </a>
            </>
          )}
        </nav>
        <div class="title">
          <h1>{name}</h1>
          <State state={task.state} />
          {task.cancelled && <span class="tag warn">Is to be revoked</span>}
          {task.retries > 0 && (
            <span class="second small">
              attempt {task.retries + 1}
            </span>
          )}
        </div>
        <div class="ident">
          {task.id}
          <Copy text={task.id} what="the id" />
        </div>
      </div>
      <TaskActions task={task} name={name} />
    </div>
  );
}

function TaskActions(
  { task, name }: { readonly task: TaskDetail; readonly name: string },
): View {
  const fields = { id: task.id };
  const again = { ...fields, again: "true" };
  return (
    <div class="actions">
      {task.can.retry && task.state === "FAILURE" && (
        <Act
          name="tasks.retry"
          fields={fields}
          label="Retry"
          icon="retry"
          kind="first"
        />
      )}
      {task.can.retry && task.state !== "FAILURE" && (
        <AskAct
          name="tasks.retry"
          fields={again}
          label="Run it after all…"
          icon="retry"
          ask={`Run ${name} after all?`}
        >
          It was revoked. It is sent once more under its id, with the same
          arguments, and what comes after it follows.
        </AskAct>
      )}
      {task.can.rerun && (
        <AskAct
          name="tasks.retry"
          fields={again}
          label="Run again…"
          icon="retry"
          ask={`Run ${name} again?`}
        >
          It has succeeded: whatever it did is done once more. A copy of it is
          sent with the same arguments, under an id of its own; what came after
          it is not sent again.
        </AskAct>
      )}
      {task.can.revoke && (
        <AskAct
          name="tasks.revoke"
          fields={fields}
          label="Revoke…"
          icon="revoked"
          ask={`Revoke ${name}?`}
          kind="danger"
        >
          If it waits, it is taken out of its queue and never runs. If it runs,
          it is asked to stop. This cannot be taken back.
        </AskAct>
      )}
      {task.can.terminate && (
        <AskAct
          name="tasks.terminate"
          fields={fields}
          label="Terminate…"
          icon="power"
          ask={`Terminate ${name}?`}
          kind="danger"
        >
          It is ended by force where it runs, in the middle of whatever it does.
          This cannot be taken back.
        </AskAct>
      )}
    </div>
  );
}
