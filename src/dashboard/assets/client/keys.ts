/**
 * The keyboard: `g t` goes to the tasks, `/` to the search, `j` and `k` through
 * the rows. `?` shows them all.
 *
 * @module
 */

import { LvLive } from "./stream.ts";

const SEQUENCE = 1_200;

let wentAt = 0;

/** Listens to the keys. */
export function startKeys(): void {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { target } = event;
    if (!(target instanceof HTMLElement)) return;
    if (target.closest("input, textarea, select, [contenteditable]") !== null) {
      if (event.key === "Escape") target.blur();
      return;
    }
    if (document.querySelector("dialog[open]") !== null) return;
    if (press(event.key)) event.preventDefault();
  });
}

/** Does what a key stands for, if it stands for anything. */
function press(key: string): boolean {
  if (Date.now() - wentAt < SEQUENCE) {
    wentAt = 0;
    const link = document.querySelector<HTMLElement>(
      `.nav [data-key="${CSS.escape(key)}"]`,
    );
    if (link !== null) {
      link.click();
      return true;
    }
  }
  switch (key) {
    case "g":
      wentAt = Date.now();
      return true;
    case "/":
      document.querySelector<HTMLElement>("#find")?.focus();
      return true;
    case "?":
      document.querySelector<HTMLDialogElement>("#keys")?.showModal();
      return true;
    case "p": {
      const live = document.querySelector("lv-live");
      if (live instanceof LvLive) live.toggle();
      return true;
    }
    case "j":
      return step(1);
    case "k":
      return step(-1);
    case "x":
      return choose();
    default:
      return false;
  }
}

function rowLinks(): readonly HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>("main tbody a.row")];
}

/** To the next row, or the one before. */
function step(by: 1 | -1): boolean {
  const links = rowLinks();
  if (links.length === 0) return false;
  const row = document.activeElement?.closest("tr");
  const at = links.findIndex((link) => link.closest("tr") === row);
  const next = at === -1 ? 0 : Math.min(links.length - 1, Math.max(0, at + by));
  links[next]?.focus();
  return true;
}

/** Chooses the row that has the focus. */
function choose(): boolean {
  const box = document.activeElement?.closest("tr")
    ?.querySelector<HTMLInputElement>("[form=bulk]");
  box?.click();
  return box !== null && box !== undefined;
}
