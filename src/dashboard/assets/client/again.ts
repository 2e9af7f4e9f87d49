/**
 * `<lv-again why="…">`: stands for a page that could not be drawn, and looks
 * whether it can by now.
 *
 * @module
 */

const PAUSE = 3_000;

/** Goes to the page once it is there. */
export class LvAgain extends HTMLElement {
  #timer: ReturnType<typeof setTimeout> | undefined;

  connectedCallback(): void {
    this.#timer = setTimeout(this.#look, PAUSE);
  }

  disconnectedCallback(): void {
    clearTimeout(this.#timer);
  }

  readonly #look = async (): Promise<void> => {
    if (!document.hidden && await this.#isThere()) return location.reload();
    if (this.isConnected) this.#timer = setTimeout(this.#look, PAUSE);
  };

  async #isThere(): Promise<boolean> {
    try {
      const headers = { accept: "text/html" };
      const response = await fetch(location.href, { headers });
      if (response.status !== 503) return true;
      this.#renew(await response.text());
    } catch {
      // The dashboard itself is away for now.
    }
    return false;
  }

  /** What is known only by now, such as the reason. */
  #renew(html: string): void {
    const fresh = new DOMParser().parseFromString(html, "text/html")
      .querySelector("lv-again");
    const why = fresh?.getAttribute("why") ?? null;
    if (fresh === null || why === this.getAttribute("why")) return;
    this.setAttribute("why", why ?? "");
    this.replaceChildren(...fresh.childNodes);
  }
}
