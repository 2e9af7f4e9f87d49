/**
 * The form in which a schedule entry is written, with a preview of when it
 * would be sent.
 *
 * @module
 */

import type { Child } from "hono/jsx";
import type {
  ScheduleDetail,
  SchedulePreview,
} from "../data/types/schedules.ts";
import { Layout } from "./layout.tsx";
import { schedulePath } from "./links.ts";
import { ActionForm } from "./parts/action.tsx";
import { Crumb } from "./parts/crumb.tsx";
import { type PageInfo, usePage } from "./parts/page_info.ts";
import { NextRuns } from "./schedule.tsx";
import { specText } from "./spec_text.ts";
import type { View } from "./parts/view.ts";

const OVERLAP = [
  ["allow", "Send it all the same"],
  ["skip", "Leave that time out"],
  ["replace", "Revoke the one before"],
] as const;

const CATCH_UP = [
  ["one", "Send it once"],
  ["all", "Send it for each"],
  ["skip", "Leave them out"],
] as const;

/** What the form shows. */
export interface ScheduleFormProps {
  readonly page: PageInfo;
  /** What is edited; `null` for a new one. */
  readonly schedule: ScheduleDetail | null;
  readonly preview: SchedulePreview | null;
  /** Names of tasks, for completion. */
  readonly tasks: readonly string[];
  readonly queues: readonly string[];
  readonly zones: readonly string[];
}

/** The page of the form. */
export function ScheduleFormPage(props: ScheduleFormProps): View {
  const { page, schedule, preview } = props;
  const title = schedule === null ? "New schedule" : `Edit ${schedule.name}`;
  return (
    <Layout page={page} title={title} section="/schedules">
      <div class="head page-head">
        <div>
          <Crumb
            path={schedule === null
              ? "/schedules"
              : schedulePath(schedule.name)}
            name={schedule === null ? "Schedules" : schedule.name}
          />
          <h1>{title}</h1>
        </div>
      </div>
      <div class="split">
        <section class="card" aria-label={title}>
          <Form {...props} />
        </section>
        <section class="card" aria-labelledby="preview-title">
          <header>
            <h2 id="preview-title">When it would be sent</h2>
          </header>
          <Preview preview={preview} />
        </section>
      </div>
    </Layout>
  );
}

function Form(
  { schedule, tasks, queues, zones }: ScheduleFormProps,
): View {
  const { url } = usePage();
  const isNew = schedule === null;
  return (
    <ActionForm
      name={isNew ? "schedules.create" : "schedules.edit"}
      fields={isNew ? {} : { name: schedule.name }}
      back={isNew ? "/schedules" : schedulePath(schedule.name)}
      leave
      class="form"
      id="schedule-form"
    >
      <div class="row">
        {isNew && (
          <Field id="name" label="Name">
            <input id="name" name="name" maxlength={255} required />
          </Field>
        )}
        <Field id="task" label="Task">
          <input
            id="task"
            name="task"
            list="tasks"
            value={schedule?.task ?? ""}
            maxlength={255}
            autocomplete="off"
            required
          />
          <datalist id="tasks">
            {tasks.map((name) => <option value={name}></option>)}
          </datalist>
        </Field>
      </div>
      <div class="row">
        <Field
          id="schedule"
          label="When"
          hint="A cron expression (*/5 * * * *) or a period (30s, 10m, 2h)"
        >
          <input
            id="schedule"
            name="schedule"
            class="mono"
            value={schedule === null ? "" : specText(schedule.spec) ?? ""}
            placeholder="30 2 * * *"
            aria-describedby="schedule-hint"
            maxlength={255}
            autocomplete="off"
            required={isNew || specText(schedule.spec) !== null}
            hx-get={url("/schedules/preview")}
            hx-trigger="input delay:250ms, change from:#timezone"
            hx-include="#timezone"
            hx-target="#preview"
            hx-swap="outerHTML"
            hx-sync="this:replace"
          />
        </Field>
        <Field id="timezone" label="Time zone">
          <input
            id="timezone"
            name="timezone"
            list="zones"
            value={schedule?.timezone ?? ""}
            placeholder="UTC"
            autocomplete="off"
          />
          <datalist id="zones">
            {zones.map((zone) => <option value={zone}></option>)}
          </datalist>
        </Field>
      </div>
      <div class="row">
        <Field id="args" label="Arguments" hint="A JSON array">
          <textarea
            id="args"
            name="args"
            class="mono"
            aria-describedby="args-hint"
            spellcheck={false}
          >
            {schedule?.args ?? "[]"}
          </textarea>
        </Field>
        <Field id="kwargs" label="Keyword arguments" hint="A JSON object">
          <textarea
            id="kwargs"
            name="kwargs"
            class="mono"
            aria-describedby="kwargs-hint"
            spellcheck={false}
          >
            {schedule?.kwargs ?? ""}
          </textarea>
        </Field>
      </div>
      <div class="row">
        <Field id="overlap" label="While the one before still runs">
          <Select
            id="overlap"
            all={OVERLAP}
            chosen={schedule?.overlap ?? "allow"}
          />
        </Field>
        <Field id="catchUp" label="Times that were missed">
          <Select
            id="catchUp"
            all={CATCH_UP}
            chosen={schedule?.catchUp ?? "one"}
          />
        </Field>
      </div>
      <div class="row">
        <Field id="queue" label="Queue" hint="Empty: where the task goes">
          <input
            id="queue"
            name="queue"
            list="queues"
            aria-describedby="queue-hint"
            value={text(schedule?.options["queue"])}
          />
          <datalist id="queues">
            {queues.map((name) => <option value={name}></option>)}
          </datalist>
        </Field>
        <Field id="priority" label="Priority" hint="0 (first) to 9">
          <input
            id="priority"
            name="priority"
            type="number"
            min={0}
            max={9}
            aria-describedby="priority-hint"
            value={text(schedule?.options["priority"])}
          />
        </Field>
      </div>
      <Field id="description" label="What it is for">
        <input
          id="description"
          name="description"
          value={schedule?.description ?? ""}
        />
      </Field>
      {isNew && (
        <label class="check">
          <input type="checkbox" name="oneOff" /> Once only
        </label>
      )}
      <div class="actions">
        <button class="btn first" type="submit">
          {isNew ? "Add schedule" : "Save"}
        </button>
        <a
          class="btn"
          href={url(isNew ? "/schedules" : schedulePath(schedule.name))}
        >
          Cancel
        </a>
      </div>
    </ActionForm>
  );
}

function text(value: unknown): string {
  return value === undefined || value === null ? "" : String(value);
}

function Field(
  { id, label, hint, children }: {
    readonly id: string;
    readonly label: string;
    readonly hint?: string;
    readonly children: Child;
  },
): View {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children}
      {hint !== undefined && <span class="hint" id={`${id}-hint`}>{hint}</span>}
    </div>
  );
}

function Select(
  { id, all, chosen }: {
    readonly id: string;
    readonly all: readonly (readonly [string, string])[];
    readonly chosen: string;
  },
): View {
  return (
    <select id={id} name={id}>
      {all.map(([value, label]) => (
        <option value={value} selected={value === chosen}>{label}</option>
      ))}
    </select>
  );
}

/** When it would be sent, or why it would not. */
export function Preview(
  { preview }: { readonly preview: SchedulePreview | null },
): View {
  return (
    <div id="preview" aria-live="polite">
      {preview === null
        ? <p class="muted">Say when, and the next runs are shown here.</p>
        : preview.error !== null
        ? <p class="bad">{preview.error}</p>
        : (
          <>
            <p class="strong between-below">{preview.when}</p>
            <NextRuns next={preview.next} />
          </>
        )}
    </div>
  );
}
