/**
 * What opens dialogs where the browser does not know `command` yet, and closes
 * menus.
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
}
