/**
 * Rows that are chosen, to act on them together.
 *
 * @module
 */

const CHOICES = "[type=checkbox][form=bulk]";

function choices(): readonly HTMLInputElement[] {
  return [...document.querySelectorAll<HTMLInputElement>(CHOICES)];
}

/** Says how many are chosen; what acts on them shows while some are. */
function tell(): void {
  const bar = document.getElementById("bulk-bar");
  const all = choices();
  const chosen = all.filter(({ checked }) => checked).length;
  const every = document.querySelector<HTMLInputElement>("[data-choose=all]");
  if (every !== null) {
    every.checked = chosen > 0 && chosen === all.length;
    every.indeterminate = chosen > 0 && chosen < all.length;
  }
  if (bar === null) return;
  bar.hidden = chosen === 0;
  const text = bar.querySelector("[data-chosen]");
  if (text !== null) text.textContent = `${chosen} chosen`;
}

/** Chooses nothing any more. */
export function clearChoices(): void {
  for (const each of choices()) each.checked = false;
  tell();
}

/** Follows what is chosen. */
export function startBulk(): void {
  document.addEventListener("change", ({ target }) => {
    if (!(target instanceof HTMLInputElement)) return;
    if (target.dataset.choose === "all") {
      for (const each of choices()) each.checked = target.checked;
      tell();
    } else if (target.matches(CHOICES)) tell();
  });
  document.addEventListener("click", ({ target }) => {
    if (!(target instanceof Element)) return;
    if (target.closest("[data-choose=none]") === null) return;
    clearChoices();
  });
  document.addEventListener("htmx:after:swap", tell);
  // A browser that goes back brings choices with it.
  addEventListener("pageshow", tell);
}
