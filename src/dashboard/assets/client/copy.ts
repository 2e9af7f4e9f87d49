/**
 * `<lv-copy text="…">`: a button that copies.
 *
 * @module
 */

import { toast } from "./toast.ts";

/** Copies its text when its button is pressed. */
export class LvCopy extends HTMLElement {
  connectedCallback(): void {
    this.addEventListener("click", this.#copy);
  }

  disconnectedCallback(): void {
    this.removeEventListener("click", this.#copy);
  }

  readonly #copy = async (): Promise<void> => {
    const text = this.getAttribute("text") ?? "";
    try {
      await navigator.clipboard.writeText(text);
      toast("Copied");
    } catch {
      // Without TLS there is no clipboard; the text can be marked by hand.
      toast("This browser does not let pages copy here", true);
    }
  };
}
