/**
 * `<lv-live src="…">`: keeps a page up to date. The server says that something
 * has changed; what the page shows of it is fetched anew, at most once a
 * second, and never while somebody is about to do something with it. Some of
 * it changes without a word, such as when a worker was last seen, and a store
 * that is away says nothing: so it is fetched now and then in any case.
 *
 * @module
 */

import { renderTimes } from "./time.ts";
import { isStale } from "./trouble.ts";

const LEAST_GAP = 1_000;
const MOST_GAP = 10_000;
const RETRY = 5_000;
const REFRESH = "lv:refresh";

/** The switch in the bar at the top, and the connection behind it. */
export class LvLive extends HTMLElement {
  #source: EventSource | undefined;
  #paused = false;
  #stale = false;
  #refreshedAt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #regular: ReturnType<typeof setInterval> | undefined;

  connectedCallback(): void {
    this.#paused = sessionStorage.getItem("lv-paused") === "yes";
    this.addEventListener("click", this.#toggle);
    document.addEventListener("visibilitychange", this.#connect);
    document.addEventListener("lv:changed", this.#now);
    document.addEventListener("lv:trouble", this.#told);
    addEventListener("pagehide", this.#disconnect);
    addEventListener("pageshow", this.#connect);
    this.#connect();
  }

  disconnectedCallback(): void {
    document.removeEventListener("visibilitychange", this.#connect);
    document.removeEventListener("lv:changed", this.#now);
    document.removeEventListener("lv:trouble", this.#told);
    removeEventListener("pagehide", this.#disconnect);
    removeEventListener("pageshow", this.#connect);
    this.#disconnect();
  }

  /** Whether the page follows what happens. */
  get paused(): boolean {
    return this.#paused;
  }

  /** Stops to follow, or goes on. */
  toggle(): void {
    this.#paused = !this.#paused;
    sessionStorage.setItem("lv-paused", this.#paused ? "yes" : "no");
    this.#connect();
    if (!this.#paused) this.#now();
  }

  readonly #toggle = (): void => this.toggle();

  readonly #connect = (): void => {
    if (this.#paused || document.hidden) return this.#disconnect();
    if (this.#source !== undefined) return;
    const src = this.getAttribute("src");
    if (src === null) return;
    const source = new EventSource(src);
    this.#source = source;
    this.#refreshedAt = Date.now();
    this.#regular = setInterval(this.#regularly, LEAST_GAP);
    source.addEventListener("open", this.#told);
    source.addEventListener("error", () => {
      this.#told();
      // What the browser itself does not take up again.
      if (source.readyState !== EventSource.CLOSED) return;
      this.#disconnect();
      this.#timer = setTimeout(this.#instead, RETRY);
    });
    for (const name of (this.getAttribute("events") ?? "message").split(" ")) {
      source.addEventListener(name, this.#changed);
    }
  };

  /** Without a stream the page is fetched now and then, and it is tried again. */
  readonly #instead = (): void => {
    this.#timer = undefined;
    if (!isBusy()) this.#now();
    this.#connect();
  };

  readonly #disconnect = (): void => {
    this.#source?.close();
    this.#source = undefined;
    clearTimeout(this.#timer);
    clearInterval(this.#regular);
    this.#timer = undefined;
    if (this.#paused) this.#tell("paused");
  };

  readonly #regularly = (): void => {
    const isDue = Date.now() - this.#refreshedAt >= MOST_GAP;
    if (isDue && !isBusy()) this.#now();
  };

  readonly #changed = (): void => {
    this.#stale = true;
    if (this.#timer !== undefined) return;
    const wait = this.#refreshedAt + LEAST_GAP - Date.now();
    this.#timer = setTimeout(this.#refresh, Math.max(0, wait));
  };

  readonly #refresh = (): void => {
    this.#timer = undefined;
    if (!this.#stale || this.#source === undefined) return;
    if (isBusy()) {
      this.#timer = setTimeout(this.#refresh, LEAST_GAP);
      return;
    }
    this.#now();
  };

  readonly #now = (): void => {
    this.#stale = false;
    this.#refreshedAt = Date.now();
    document.dispatchEvent(new Event(REFRESH));
  };

  /** A stream may be open to a dashboard whose store is away. */
  readonly #told = (): void => {
    if (this.#paused) return;
    const isOpen = this.#source?.readyState === EventSource.OPEN;
    this.#tell(isOpen && !isStale() ? "live" : "away");
  };

  #tell(state: "live" | "paused" | "away"): void {
    const button = this.querySelector("button");
    const word = this.querySelector("span");
    if (button === null || word === null) return;
    button.dataset.state = state;
    button.setAttribute("aria-pressed", String(state !== "paused"));
    word.textContent = {
      live: "Live",
      paused: "Paused",
      away: "Reconnecting",
    }[state];
  }
}

/** Whether something would be taken from under somebody's hands. */
function isBusy(): boolean {
  if (document.querySelector("dialog[open], .menu[open]") !== null) return true;
  if (document.querySelector("#live [form=bulk]:checked") !== null) return true;
  if (document.querySelector("#live :is(input, textarea):focus") !== null) {
    return true;
  }
  const selection = getSelection();
  return selection !== null && !selection.isCollapsed;
}

/** What was swapped in by the server speaks in UTC at first. */
export function startSwaps(): void {
  document.addEventListener("htmx:after:swap", () => renderTimes());
}
