/**
 * A browser before a dashboard, before a shop on a real store: what the tests
 * of each page share.
 *
 * @module
 */

import type { Browser } from "playwright-core";
import { missing, Servers } from "../../app/fixtures/servers.ts";
import { findChromium, launch } from "./chromium.ts";
import { openShop, type Shop } from "./shop.ts";
import { serve, Tab } from "./site.ts";

const chromium = await findChromium();

/** Why there can be no test in a browser; `undefined` where there can. */
export const whyNot: string | undefined = missing ?? chromium.missing;

let browser: Promise<Browser> | undefined;

/** The browser of the file that asks; gone after its last test. */
export function theBrowser(): Promise<Browser> {
  return browser ??= launch(chromium.path ?? "");
}

Deno.test.afterAll(async () => {
  await (await browser)?.close();
});

/** What a test is given. */
export interface Scene {
  /** Each page is looked at in both, but not on both stores: that takes long. */
  readonly colorScheme: "light" | "dark";
  readonly shop: Shop;
  readonly browser: Browser;
  readonly url: string;
  /** The URL of the store. */
  readonly store: string;
  /** A tab on the dashboard, closed and found quiet at the end. */
  withTab(
    test: (tab: Tab) => Promise<void>,
    options?: Parameters<typeof Tab.open>[2],
  ): Promise<void>;
}

/**
 * Something to see or to do, and what it is called; for what is the same on
 * every store, the one that it is tried on.
 */
export type Step = readonly [
  string,
  (scene: Scene) => Promise<void>,
  ("redis" | "postgres")?,
];

/** Registers a test in a browser. */
export function browserTest(
  name: string,
  fn: (t: Deno.TestContext) => Promise<void>,
): void {
  Deno.test({
    name: whyNot === undefined ? name : `${name} (skipped: ${whyNot})`,
    ignore: whyNot !== undefined,
    // A browser is a process, and it ends in its own time.
    sanitizeOps: false,
    sanitizeResources: false,
    fn,
  });
}

/** Registers the steps of a file, in a shop on each store. */
export function inEachShop(what: string, steps: readonly Step[]): void {
  const servers = new Servers();
  for (const kind of ["redis", "postgres"] as const) {
    browserTest(`${what} in a browser (${kind})`, async (t) => {
      await using stack = new AsyncDisposableStack();
      const [store, browser] = await Promise.all([
        kind === "redis" ? servers.newRedis() : servers.newPostgres(),
        theBrowser(),
      ]);
      const shop = stack.use(await openShop(store));
      const { url } = stack.use(serve(shop.app));
      const scene: Scene = {
        colorScheme: kind === "redis" ? "light" : "dark",
        shop,
        browser,
        url,
        store,
        async withTab(test, options) {
          await using tab = await Tab.open(browser, url, options);
          await test(tab);
          tab.assertQuiet();
        },
      };
      for (const [name, step, only = kind] of steps) {
        if (only === kind) await t.step(name, () => step(scene));
      }
    });
  }
}
