/**
 * What is said when a page cannot be brought up to date: what it shows stays,
 * and it is tried again until it works.
 *
 * @module
 */

const AGAIN = 3_000;

/** What htmx says of a request. */
interface Exchange {
  readonly sourceElement?: Element;
  /** What of the answer is shown. */
  readonly select?: string | null;
  readonly text?: string;
  readonly response?: { readonly status: number; readonly headers: Headers };
}

let timer: ReturnType<typeof setTimeout> | undefined;
let source: Element | undefined;

/** Sees to it that no answer is shown that is not the page. */
export function startTrouble(): void {
  document.addEventListener("htmx:after:request", (event) => {
    const exchange = exchangeOf(event);
    const why = exchange === undefined ? null : troubleWith(exchange);
    if (why === null) return end();
    event.preventDefault();
    begin(why, exchange?.sourceElement);
  });
  document.addEventListener("htmx:error", (event) => {
    const exchange = exchangeOf(event);
    if (exchange === undefined || exchange.response !== undefined) return;
    begin("The dashboard does not answer", exchange.sourceElement);
  });
  document.getElementById("trouble")?.querySelector("button")
    ?.addEventListener("click", tryAgain);
}

function exchangeOf(event: Event): Exchange | undefined {
  return (event as CustomEvent<{ ctx?: Exchange }>).detail?.ctx;
}

/** Why an answer cannot be shown; `null` when it can. */
function troubleWith({ select, text = "", response }: Exchange): string | null {
  if (response === undefined) return null;
  const { status, headers } = response;
  const id = /^#([\w-]+)$/.exec(select ?? "")?.[1];
  const fits = id === undefined ? status < 400 : text.includes(`id="${id}"`);
  if (fits) return null;
  const isSentence = (headers.get("content-type") ?? "").startsWith(
    "text/plain",
  );
  if (isSentence && text.trim() !== "") return text.trim();
  return status < 400 || status === 401 || status === 403
    ? "What came back is not this page: reload it, you may have been signed out"
    : `The dashboard answered with ${status}`;
}

function begin(why: string, from: Element | undefined): void {
  source = from;
  clearTimeout(timer);
  timer = setTimeout(tryAgain, AGAIN);
  const box = document.getElementById("trouble");
  const text = box?.querySelector("[data-why]");
  if (box === null || text === null || text === undefined) return;
  if (text.textContent !== why) text.textContent = why;
  show(box, true);
}

function end(): void {
  clearTimeout(timer);
  timer = undefined;
  const box = document.getElementById("trouble");
  if (box !== null) show(box, false);
}

function show(box: HTMLElement, shown: boolean): void {
  if (box.hidden === !shown) return;
  box.hidden = !shown;
  document.dispatchEvent(new Event("lv:trouble"));
}

/** Whether the page is known not to be up to date. */
export function isStale(): boolean {
  return document.getElementById("trouble")?.hidden === false;
}

/** Asks once more for what could not be shown. */
function tryAgain(): void {
  clearTimeout(timer);
  timer = undefined;
  if (document.hidden) {
    document.addEventListener("visibilitychange", tryAgain, { once: true });
  } else if (source instanceof HTMLFormElement && source.isConnected) {
    source.requestSubmit();
  } else document.dispatchEvent(new Event("lv:refresh"));
}
