/**
 * Rows that are chosen, and what is done with all of them at once. A script
 * counts them and shows the bar when there are some.
 *
 * @module
 */

import type { Child } from "hono/jsx";
import { ActionForm } from "./action.tsx";
import type { View } from "./view.ts";

const FORM = "bulk";

/** The head of a column of {@linkcode Choose}. */
export const CHOOSE_ALL = {
  head: (
    <label>
      <input type="checkbox" data-choose="all" aria-label="Choose all rows" />
    </label>
  ),
  class: "tick",
} as const;

/** The cell in which a row is chosen. */
export function Choose(
  { name, value, what }: {
    /** The field of the action that takes it. */
    readonly name: string;
    readonly value: string;
    /** What the row is about. */
    readonly what: string;
  },
): View {
  return (
    <td class="tick">
      <label>
        <input
          type="checkbox"
          name={name}
          value={value}
          form={FORM}
          aria-label={`Choose ${what}`}
        />
      </label>
    </td>
  );
}

/** The bar of what is done with the chosen rows; its buttons are given. */
export function ChosenBar(
  { action, children }: {
    /** The action that they are given to. */
    readonly action: string;
    readonly children: Child;
  },
): View {
  return (
    <div class="bulk" id="bulk-bar" hidden>
      <b data-chosen aria-live="polite">0 chosen</b>
      <button type="button" class="btn bare tiny" data-choose="none">
        None
      </button>
      <ActionForm name={action} fields={{}} id={FORM} class="actions">
        {children}
      </ActionForm>
    </div>
  );
}
