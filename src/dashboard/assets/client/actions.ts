/**
 * Actions that leave the page where it is: what came of them is shown in a
 * corner, and what has changed is fetched anew. Without scripts the same form
 * is sent as forms are, and leads back to the page.
 *
 * @module
 */

import { clearChoices } from "./bulk.ts";
import { toast } from "./toast.ts";

/** What the API says of an action. */
interface Answer {
  readonly ok?: boolean;
  readonly text?: string;
  readonly error?: string;
}

async function send(form: HTMLFormElement, path: string): Promise<void> {
  const submit = form.querySelectorAll<HTMLButtonElement>("[type=submit]");
  for (const each of submit) each.disabled = true;
  try {
    const response = await fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(fieldsOf(form)),
    });
    const answer: Answer = await response.json().catch(() => ({}));
    const text = answer.text ?? answer.error ??
      `The dashboard answered with ${response.status}`;
    toast(text, !response.ok || answer.ok === false);
    form.closest("dialog")?.close();
    form.reset();
    clearChoices();
    document.dispatchEvent(new Event("lv:changed"));
  } catch {
    toast(
      "The dashboard does not answer: nothing is known of the action",
      true,
    );
  } finally {
    for (const each of submit) each.disabled = false;
  }
}

/** Several fields of one name are a list. */
function fieldsOf(form: HTMLFormElement): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  const data = new FormData(form);
  for (const name of new Set(data.keys())) {
    if (name === "back") continue;
    const values = data.getAll(name);
    fields[name] = values.length > 1 ? values : values[0];
  }
  return fields;
}

/** Sends such forms in place. */
export function startActions(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement)) return;
    const { submitter } = event;
    const path = submitter?.dataset["stay"] ?? form.dataset["stay"];
    if (path === undefined) return;
    event.preventDefault();
    void send(form, path);
  });
}
