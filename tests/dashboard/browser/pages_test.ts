/**
 * The dashboard in a browser, over real workers: what is there to be seen.
 *
 * @module
 */

import { assertEquals, assertMatch } from "@std/assert";
import { inEachShop, type Scene } from "./scene.ts";
import { BODY, FAILED, HELD, RETRIED, SCRIPT, UNSERVED } from "./shop.ts";
import { serve, Tab } from "./site.ts";

const PAGES = [
  "/",
  "/tasks",
  "/tasks?state=FAILURE",
  "/tasks?text=nothing-has-this",
  `/tasks/${FAILED}`,
  `/tasks/${RETRIED}`,
  `/tasks/${HELD}`,
  `/tasks/${UNSERVED}`,
  `/tasks/${BODY}`,
  "/queues",
  "/queues/billing",
  "/queues/exports",
  "/workers",
  "/workers/one@box",
  "/schedules",
  "/schedules/new",
  "/schedules/nightly-invoice",
  "/schedules/nightly-invoice/edit",
  "/dead",
];

inEachShop("the pages", [
  ["every page is drawn without a complaint", everyPage],
  ["no page is wider than a phone", onPhone, "redis"],
  ["what is kept up to date dims nothing", undimmed, "redis"],
  ["script in names, arguments and errors is text", scriptIsText],
  ["the cause of a failure is two clicks away", twoClicks],
  ["what can be read and done without scripts", withoutScripts],
  ["the keyboard", keyboard, "redis"],
  ["colours and zone are remembered", settings, "postgres"],
  ["who may only look sees no action", readOnly, "postgres"],
]);

async function everyPage({ withTab, colorScheme }: Scene): Promise<void> {
  await withTab(async (tab) => {
    const flaws: string[] = [];
    for (const path of PAGES) {
      await tab.go(path);
      assertEquals(await tab.page.locator("h1").count(), 1, path);
      for (const flaw of await tab.flaws()) flaws.push(`${path}: ${flaw}`);
    }
    await tab.go("/tasks/not-there", 404);
    await tab.sees("Nothing is known of task not-there");
    assertEquals(flaws, []);
  }, { colorScheme });
}

async function onPhone({ withTab }: Scene): Promise<void> {
  await withTab(async (tab) => {
    for (const path of PAGES) {
      await tab.go(path);
      assertEquals(await tab.overflow(), 0, path);
    }
  }, { viewport: { width: 360, height: 740 } });
}

/** While the page is fetched anew; a form that is sent dims its own button. */
async function undimmed({ withTab }: Scene): Promise<void> {
  await withTab(async (tab) => {
    await tab.go(`/tasks/${FAILED}`);
    const opacityWhile = (busy: string) =>
      tab.page.evaluate(`{
        const busy = document.querySelector("${busy}");
        busy.classList.add("htmx-request");
        const button = document.querySelector("#live form .btn[type=submit]");
        const { opacity } = getComputedStyle(button);
        busy.classList.remove("htmx-request");
        opacity;
      }`);
    assertEquals(await opacityWhile("#live"), "1");
    const form = "#live form:has(.btn[type=submit])";
    assertEquals(await opacityWhile(form), "0.6");
  });
}

async function scriptIsText({ withTab }: Scene): Promise<void> {
  await withTab(async (tab) => {
    await tab.go(`/tasks/${FAILED}`);
    await tab.sees(`${SCRIPT} is no size`);
    await tab.go("/tasks?name=" + encodeURIComponent(`odd.${SCRIPT}`));
    await tab.press(`odd.${SCRIPT}`, "#live");
    await tab.page.getByRole("heading", { name: `odd.${SCRIPT}` }).waitFor();
    await tab.go("/dead");
    await tab.press(`broken ${SCRIPT}`);
    await tab.page.getByRole("heading", { name: `broken ${SCRIPT}` })
      .waitFor();
    assertEquals(await tab.page.locator("main img").count(), 0);
    assertMatch(await tab.page.title(), /Lovage$/);
  });
}

async function twoClicks({ withTab }: Scene): Promise<void> {
  await withTab(async (tab) => {
    await tab.go("/");
    await tab.press("images.resize", "section[aria-labelledby=failures-title]");
    await tab.sees(/width -1 of .* is negative/, "#error");
    await tab.sees(/shop\.ts/, "#error");
    await tab.sees("RangeError", "#error");
  });
}

async function withoutScripts({ withTab }: Scene): Promise<void> {
  await withTab(async (tab) => {
    await tab.go("/");
    await tab.sees("Recent failures");
    await tab.page.locator("#throughput-table > summary").click();
    await tab.sees("Succeeded", "#throughput-table thead");
    await tab.go(`/tasks/${FAILED}`);
    await tab.sees(/is negative/);
    await tab.go("/queues/default");
    await tab.press("Pause queue default");
    await tab.told("Queue default is paused");
    await tab.press("Resume queue default");
    await tab.told("Queue default is resumed");
  }, { javaScriptEnabled: false });
}

async function keyboard({ withTab }: Scene): Promise<void> {
  await withTab(async (tab) => {
    const { page } = tab;
    await tab.go("/");
    await page.keyboard.press("Tab");
    assertEquals(
      await page.evaluate("document.activeElement.textContent"),
      "Skip to the content",
    );
    await page.keyboard.press("g");
    await page.keyboard.press("t");
    await page.waitForURL(/\/tasks$/);
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await page.keyboard.press("k");
    await page.keyboard.press("x");
    await tab.sees("1 chosen");
    await page.keyboard.press("/");
    assertEquals(await page.evaluate("document.activeElement.id"), "find");
    await page.keyboard.press("Escape");
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keyboard" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "hidden" });
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/tasks\/.+/);
  });
}

async function settings({ withTab }: Scene): Promise<void> {
  await withTab(async (tab) => {
    await tab.go("/tasks");
    await tab.press("Switch between light and dark");
    await tab.press("Local time");
    await tab.go("/queues");
    const root = tab.page.locator("html");
    assertEquals(await root.getAttribute("data-theme"), "dark");
    assertEquals(await root.getAttribute("data-zone"), "utc");
  }, { colorScheme: "light", timezoneId: "America/New_York" });
}

async function readOnly({ shop, browser }: Scene): Promise<void> {
  await using site = serve(shop.app, { readOnly: true });
  await using tab = await Tab.open(browser, site.url);
  for (const path of PAGES.filter((each) => !/new$|edit$/.test(each))) {
    await tab.go(path);
    assertEquals(await tab.page.locator("form[method=post]").count(), 0, path);
  }
  await tab.sees("Read-only");
  tab.assertQuiet();
}
