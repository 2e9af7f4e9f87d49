/**
 * What a worker serves, knows and is set to.
 *
 * @module
 */

import type { WorkerDetail } from "../data/types/fleet.ts";
import { number } from "./format.ts";
import { Act, ActionForm } from "./parts/action.tsx";
import { Icon } from "./parts/icon.tsx";
import { usePage } from "./parts/page_info.ts";
import { Table } from "./parts/table.tsx";
import { QueueLink, TasksLink } from "./parts/task_rows.tsx";
import type { View } from "./parts/view.ts";

/** The queues that it serves; more can be added. */
export function QueuesCard(
  { worker }: { readonly worker: WorkerDetail },
): View {
  const canAct = usePage().canAct && worker.online;
  return (
    <section class="card" aria-labelledby="serves-title">
      <header>
        <h2 id="serves-title">Queues that it serves</h2>
      </header>
      {worker.queues.length === 0
        ? <p class="muted">None.</p>
        : (
          <ul class="lines">
            {worker.queues.map((queue) => (
              <li>
                <QueueLink name={queue} />
                {canAct && (
                  <Act
                    name="workers.cancelConsumer"
                    fields={{ worker: worker.name, queue }}
                    label="Stop serving"
                    about={`Stop serving queue ${queue}`}
                    tiny
                  />
                )}
              </li>
            ))}
          </ul>
        )}
      {canAct && (
        <ActionForm
          name="workers.addConsumer"
          fields={{ worker: worker.name }}
          class="inline-form"
        >
          <input
            name="queue"
            aria-label="One more queue"
            placeholder="One more queue"
            autocomplete="off"
            required
          />
          <button class="btn" type="submit">
            <Icon name="plus" size={14} /> Serve
          </button>
        </ActionForm>
      )}
    </section>
  );
}

/** Rate and time limits, until the worker starts anew. */
export function LimitsCard(
  { worker }: { readonly worker: WorkerDetail },
): View {
  const { canAct } = usePage();
  if (!canAct || !worker.online) return null;
  const fields = { worker: worker.name };
  return (
    <section class="card" aria-labelledby="limits-title">
      <header>
        <h2 id="limits-title">Limits</h2>
        <span class="muted small">until it is started anew</span>
      </header>
      <datalist id="registered">
        {worker.registered.map((name) => <option value={name}></option>)}
      </datalist>
      <div class="form">
        <ActionForm name="tasks.rateLimit" fields={fields} class="limits">
          <TaskField id="rate-task" />
          <div class="field">
            <label for="rate">Rate</label>
            <input id="rate" name="rate" placeholder="100/m" required />
          </div>
          <button class="btn" type="submit" aria-label="Set the rate limit">
            Set
          </button>
        </ActionForm>
        <ActionForm name="tasks.timeLimit" fields={fields} class="limits">
          <TaskField id="time-task" />
          <div class="field">
            <label for="soft">Soft limit</label>
            <input id="soft" name="soft" placeholder="20s" />
          </div>
          <div class="field">
            <label for="hard">Hard limit</label>
            <input id="hard" name="hard" placeholder="30s" />
          </div>
          <button class="btn" type="submit" aria-label="Set the time limits">
            Set
          </button>
        </ActionForm>
      </div>
    </section>
  );
}

function TaskField({ id }: { readonly id: string }): View {
  return (
    <div class="field wide">
      <label for={id}>Task</label>
      <input
        id={id}
        name="task"
        list="registered"
        placeholder="images.resize"
        autocomplete="off"
        required
      />
    </div>
  );
}

/** The tasks that it knows, and how many of each it has ended. */
export function RegisteredCard(
  { worker }: { readonly worker: WorkerDetail },
): View {
  const names = worker.registered.length > 0
    ? worker.registered
    : Object.keys(worker.totals);
  if (names.length === 0) return null;
  return (
    <section class="card" aria-labelledby="registered-title">
      <header>
        <h2 id="registered-title">Tasks that it knows</h2>
        <span class="muted small">{number(names.length)}</span>
      </header>
      <div class="tall">
        <Table
          caption="Tasks that it knows"
          columns={[{ head: "Task" }, { head: "Ended", num: true }]}
        >
          {names.map((name) => {
            const total = worker.totals[name] ?? 0;
            return (
              <tr>
                <td class="fill">
                  <TasksLink query={{ name }}>{name}</TasksLink>
                </td>
                <td class={total === 0 ? "num zero" : "num"}>
                  {number(total)}
                </td>
              </tr>
            );
          })}
        </Table>
      </div>
    </section>
  );
}

/** The settings in force. */
export function SettingsCard(
  { worker }: { readonly worker: WorkerDetail },
): View {
  const settings = Object.entries(worker.settings);
  if (settings.length === 0) return null;
  return (
    <section class="card" aria-labelledby="settings-title">
      <header>
        <h2 id="settings-title">Settings</h2>
        <span class="muted small">secrets are masked</span>
      </header>
      <div class="tall" tabindex={0} role="group" aria-label="Settings">
        <dl class="kv settings">
          {settings.map(([name, value]) => (
            <>
              <dt>{name}</dt>
              <dd class="mono">{JSON.stringify(value)}</dd>
            </>
          ))}
        </dl>
      </div>
    </section>
  );
}
