/**
 * Short notices that go away by themselves, and are read aloud.
 *
 * @module
 */

const SHOWN_FOR = 5_000;
const FAILED_SHOWN_FOR = 12_000;

/** Shows a notice. */
export function toast(message: string, failed = false): void {
  const place = document.getElementById("toasts");
  if (place === null) return;
  const box = document.createElement("div");
  box.className = failed ? "flash failed" : "flash";
  const text = document.createElement("span");
  text.textContent = message;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "btn bare tiny";
  close.textContent = "Close";
  close.addEventListener("click", () => box.remove());
  box.append(text, close);
  place.append(box);
  setTimeout(() => box.remove(), failed ? FAILED_SHOWN_FOR : SHOWN_FOR);
}
