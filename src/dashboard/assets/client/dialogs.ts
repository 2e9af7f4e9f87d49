/**
 * What opens dialogs where the browser does not know `command` yet, and what
 * asks for a name to be typed before something is lost.
 *
 * @module
 */

function open(button: HTMLButtonElement): void {
  const id = button.getAttribute("commandfor");
  const dialog = id === null ? null : document.getElementById(id);
  if (!(dialog instanceof HTMLDialogElement)) return;
  if (button.getAttribute("command") === "close") dialog.close();
  else dialog.showModal();
}

/** Lets a button work once the name that it asks for is typed. */
function checkTyped(input: HTMLInputElement): void {
  const button = input.form?.querySelector<HTMLButtonElement>("[type=submit]");
  if (button) button.disabled = input.value !== input.dataset.typed;
}

/** Makes dialogs and menus work. */
export function startDialogs(): void {
  const native = "command" in HTMLButtonElement.prototype;
  document.addEventListener("click", ({ target }) => {
    if (!(target instanceof Element)) return;
    const button = target.closest<HTMLButtonElement>("button[commandfor]");
    if (button !== null && !native) open(button);
    for (const menu of document.querySelectorAll(".menu[open]")) {
      if (!menu.contains(target)) menu.removeAttribute("open");
    }
  });
  document.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape") return;
    document.querySelector(".menu[open]")?.removeAttribute("open");
  });
  document.addEventListener("input", ({ target }) => {
    if (!(target instanceof HTMLInputElement)) return;
    if (target.dataset.typed !== undefined) checkTyped(target);
  });
  for (
    const input of document.querySelectorAll<HTMLInputElement>("[data-typed]")
  ) {
    checkTyped(input);
  }
}
