/**
 * Buttons that do something. Each is a form of its own, so that it works
 * without scripts; what cannot be taken back asks first.
 *
 * @module
 */

import type { Child } from "hono/jsx";
import { Icon, type IconName } from "./icon.tsx";
import { usePage } from "./page_info.ts";
import type { View } from "./view.ts";

/** How a button looks. */
export interface ButtonLook {
  /** What it says. */
  readonly label: string;
  /** A sign before it. */
  readonly icon?: IconName;
  /** The thing to do, something to be careful with, or one of several. */
  readonly kind?: "first" | "danger" | "plain";
  /** In a row of a table. */
  readonly tiny?: boolean;
  /** What it says to those who cannot see what it stands beside. */
  readonly about?: string;
}

/** The fields of a form that nobody fills in. */
export type Fields = Readonly<Record<string, string | readonly string[]>>;

/** An action. */
export interface ActionProps extends ButtonLook {
  /** Its name, as the API has it. */
  readonly name: string;
  /** What it is told. */
  readonly fields: Fields;
  /** Where it leads to without scripts; defaults to this page. */
  readonly back?: string;
  /** Whether it leads there in any case: the page may be gone by then. */
  readonly leave?: boolean;
}

function classOf({ kind = "plain", tiny = false }: ButtonLook): string {
  return ["btn", kind === "plain" ? "" : kind, tiny ? "tiny" : ""]
    .filter((each) => each !== "").join(" ");
}

function Inside({ label, icon, tiny = false }: ButtonLook): View {
  return (
    <>
      {icon !== undefined && <Icon name={icon} size={tiny ? 13 : 14} />}
      {label}
    </>
  );
}

/** A form that does something; its children are what is filled in. */
export function ActionForm(
  { name, fields, back, leave = false, class: look, id, children }: {
    readonly name: string;
    readonly fields: Fields;
    readonly back?: string | undefined;
    readonly leave?: boolean;
    readonly class?: string;
    readonly id?: string;
    readonly children: Child;
  },
): View {
  const { url, here } = usePage();
  return (
    <form
      method="post"
      action={url(`/actions/${name}`)}
      {...(leave ? {} : { "data-stay": url(`/api/v1/actions/${name}`) })}
      {...(look === undefined ? {} : { class: look })}
      {...(id === undefined ? {} : { id })}
    >
      {Object.entries(fields).flatMap(([key, value]) =>
        [value].flat().map((each) => (
          <input type="hidden" name={key} value={each} />
        ))
      )}
      <input type="hidden" name="back" value={back ?? here} />
      {children}
    </form>
  );
}

/** Does something at once; nothing where the viewer may only look. */
export function Act(props: ActionProps): View {
  if (!usePage().canAct) return null;
  const { name, fields, back, leave = false, about } = props;
  return (
    <ActionForm name={name} fields={fields} back={back} leave={leave}>
      <button
        class={classOf(props)}
        type="submit"
        {...(about === undefined ? {} : { "aria-label": about })}
      >
        <Inside {...props} />
      </button>
    </ActionForm>
  );
}

/** Asks first. */
export function AskAct(
  props: ActionProps & {
    /** The question. */
    readonly ask: string;
    /** What it will touch, and whether that can be taken back. */
    readonly children?: Child;
    /** What has to be typed, and the field that takes it. */
    readonly typed?: { readonly field: string; readonly text: string };
  },
): View {
  const { canAct } = usePage();
  if (!canAct) return null;
  const { name, fields, back, leave = false, ask, children, typed, about } =
    props;
  const id = dialogId(name, fields);
  return (
    <>
      <button
        type="button"
        class={classOf({ ...props, kind: props.kind ?? "plain" })}
        commandfor={id}
        command="show-modal"
        aria-haspopup="dialog"
        {...(about === undefined ? {} : { "aria-label": about })}
      >
        <Inside {...props} />
      </button>
      <dialog id={id} aria-labelledby={`${id}-title`}>
        <ActionForm
          name={name}
          fields={fields}
          back={back}
          leave={leave}
          class="inside"
        >
          <h2 id={`${id}-title`}>{ask}</h2>
          {children !== undefined && <div class="second">{children}</div>}
          {typed !== undefined && (
            <div class="field">
              <label for={`${id}-typed`}>
                Type <code>{typed.text}</code> to go on
              </label>
              <input
                id={`${id}-typed`}
                name={typed.field}
                class="code"
                autocomplete="off"
                required
                pattern={patternOf(typed.text)}
                title={typed.text}
              />
            </div>
          )}
          <div class="actions">
            <button
              type="button"
              class="btn"
              commandfor={id}
              command="close"
            >
              Keep as it is
            </button>
            <button
              type="submit"
              class={`btn first ${props.kind === "danger" ? "danger" : ""}`}
            >
              {props.label.replace(/…$/, "")}
            </button>
          </div>
        </ActionForm>
      </dialog>
    </>
  );
}

/** Matches this text only; browsers check it without scripts. */
function patternOf(text: string): string {
  return text.replace(
    /[^A-Za-z0-9]/gu,
    (char) => `\\u{${char.codePointAt(0)?.toString(16)}}`,
  );
}

/** The same for the same action, so that a page that is drawn anew fits. */
function dialogId(name: string, fields: Fields): string {
  const text = JSON.stringify([name, fields]);
  let hash = 0;
  for (let at = 0; at < text.length; at++) {
    hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0;
  }
  return `ask-${(hash >>> 0).toString(36)}`;
}
