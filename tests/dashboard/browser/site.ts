/**
 * A dashboard that is served, and a browser that looks at it and minds what it
 * complains about.
 *
 * @module
 */

import type { Lovage } from "@lovage/lovage";
import { assertEquals } from "@std/assert";
import axe from "axe-core";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import {
  dashboard,
  type DashboardOptions,
} from "../../../src/dashboard/mod.ts";

/** How long a test waits for anything on a page. */
const PATIENCE = 10_000;

/** Serves a dashboard on a free port. */
export function serve(
  app: Lovage,
  options: Partial<DashboardOptions> = {},
): AsyncDisposable & { readonly url: string } {
  const handler = dashboard(app, { unauthenticated: true, ...options });
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    handler,
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    async [Symbol.asyncDispose]() {
      await handler.close();
      await server.shutdown();
    },
  };
}

/** A tab, and what went wrong in it. */
export class Tab implements AsyncDisposable {
  readonly page: Page;
  readonly #url: string;
  readonly #complaints: string[] = [];
  #expected = 0;

  private constructor(page: Page, url: string) {
    this.page = page;
    this.#url = url;
    page.setDefaultTimeout(PATIENCE);
    page.on("console", (message) => {
      if (message.type() !== "error" && message.type() !== "warning") return;
      const { url: at } = message.location();
      this.#complaints.push(`${page.url()}: ${message.text()} (${at})`);
    });
    page.on("pageerror", (error) => {
      this.#complaints.push(`${page.url()}: ${error.message}`);
    });
    page.on("request", (request) => {
      const { protocol, origin } = new URL(request.url());
      if (protocol === "data:" || origin === url) return;
      this.#complaints.push(`${page.url()} asked ${request.url()}`);
    });
  }

  /** Opens a tab. */
  static async open(
    browser: Browser,
    url: string,
    options: BrowserContextOptions = {},
  ): Promise<Tab> {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 900 },
      reducedMotion: "reduce",
      ...options,
    });
    return new Tab(await context.newPage(), url);
  }

  /** Goes to a page, and waits until it is drawn. */
  async go(path: string, status = 200): Promise<void> {
    const response = await this.page.goto(this.#url + path);
    assertEquals(response?.status(), status, path);
    // The browser itself complains about these.
    if (status >= 400) this.#expected++;
  }

  /**
   * What the page is about is going, or its store is, or an action will be
   * refused: the browser itself complains of such an answer.
   */
  mayBeRefused(): void {
    this.#expected = Infinity;
  }

  /** Presses the button of this name, or follows the link. */
  async press(name: string | RegExp, within = "body"): Promise<void> {
    const place = this.page.locator(within);
    const button = place.getByRole("button", { name, exact: true });
    await button.or(place.getByRole("link", { name, exact: true })).first()
      .click();
  }

  /** Waits for a text. */
  async sees(text: string | RegExp, within = "body"): Promise<void> {
    await this.page.locator(within).getByText(text).first().waitFor();
  }

  /** Waits until a text is there no more. */
  async loses(text: string | RegExp, within = "body"): Promise<void> {
    const found = this.page.locator(within).getByText(text).first();
    await found.waitFor({ state: "detached" });
  }

  /** What an action came to. */
  async told(text: string | RegExp): Promise<void> {
    await this.sees(text, "#toasts, main > .flash");
  }

  /** What axe finds wrong with the page. */
  async flaws(): Promise<readonly string[]> {
    await this.page.evaluate(axe.source);
    const { violations } = await this.page.evaluate(
      "axe.run({ resultTypes: ['violations'] })",
    ) as axe.AxeResults;
    return violations.map(({ id, nodes }) =>
      `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(" | ")}`
    );
  }

  /** By how much the page is wider than the window. */
  async overflow(): Promise<number> {
    return await this.page.evaluate(
      "document.documentElement.scrollWidth - innerWidth",
    ) as number;
  }

  /** Fails if the browser has complained about anything. */
  assertQuiet(): void {
    const unexpected = this.#complaints.filter((complaint) => {
      if (!/status of (4\d\d|503)/.test(complaint)) return true;
      return --this.#expected < 0;
    });
    assertEquals(unexpected, []);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.page.context().close();
  }
}
