/**
 * The dashboard in a browser, over real workers: every page, every action.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Browser } from "playwright-core";
import { until } from "../../_helpers.ts";
import { missing, Servers } from "../../app/fixtures/servers.ts";
import { findChromium, launch } from "./chromium.ts";
import {
  BODY,
  FAILED,
  HELD,
  LATER,
  openShop,
  RETRIED,
  SCRIPT,
  type Shop,
  UNSERVED,
} from "./shop.ts";
import { serve, Tab } from "./site.ts";

const chromium = await findChromium();
const whyNot = missing ?? chromium.missing;
const servers = new Servers();

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

/** What a test is given. */
interface Scene {
  /** Each page is looked at in both, but not on both stores: that takes long. */
  readonly colorScheme: "light" | "dark";
  readonly shop: Shop;
  readonly browser: Browser;
  readonly url: string;
  /** A tab on the dashboard, closed and found quiet at the end. */
  withTab(
    test: (tab: Tab) => Promise<void>,
    options?: Parameters<typeof Tab.open>[2],
  ): Promise<void>;
}

const STEPS: readonly (readonly [string, (scene: Scene) => Promise<void>])[] = [
  ["every page is drawn without a complaint", everyPage],
  ["no page is wider than a phone", onPhone],
  ["script in names, arguments and errors is text", scriptIsText],
  ["the cause of a failure is two clicks away", twoClicks],
  ["tasks are narrowed down, sorted and found", narrowing],
  ["what happens is shown without a reload", liveUpdates],
  ["what can be read and done without scripts", withoutScripts],
  ["the keyboard", keyboard],
  ["colours and zone are remembered", settings],
  ["who may only look sees no action", readOnly],
  ["tasks are retried, revoked and terminated", taskActions],
  ["queues are paused, resumed and purged", queueActions],
  ["workers are steered", workerActions],
  ["schedules are added, changed, run and removed", scheduleActions],
  ["dead letters are redriven and purged", deadActions],
  ["a worker is shut down", shutdown],
];

for (const kind of ["redis", "postgres"] as const) {
  Deno.test({
    name: `the dashboard in a browser (${kind}${
      whyNot === undefined ? "" : `; skipped: ${whyNot}`
    })`,
    ignore: whyNot !== undefined,
    // A browser is a process, and it ends in its own time.
    sanitizeOps: false,
    sanitizeResources: false,
    async fn(t) {
      await using stack = new AsyncDisposableStack();
      const [store, browser] = await Promise.all([
        kind === "redis" ? servers.newRedis() : servers.newPostgres(),
        launch(chromium.path ?? ""),
      ]);
      stack.defer(() => browser.close());
      const shop = stack.use(await openShop(store));
      const { url } = stack.use(serve(shop.app));
      const scene: Scene = {
        colorScheme: kind === "redis" ? "light" : "dark",
        shop,
        browser,
        url,
        async withTab(test, options) {
          await using tab = await Tab.open(browser, url, options);
          await test(tab);
          tab.assertQuiet();
        },
      };
      for (const [name, step] of STEPS) await t.step(name, () => step(scene));
    },
  });
}

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

async function narrowing({ withTab }: Scene): Promise<void> {
  await withTab(async (tab) => {
    const rows = tab.page.locator("#live tbody tr");
    await tab.go("/tasks");
    assertEquals(await rows.count(), 50);
    const first = await rows.first().innerText();
    await tab.press("Older");
    await tab.sees("First page");
    assert(await rows.first().innerText() !== first);
    await tab.go("/tasks");
    await tab.press(/^Failure/, ".tabs");
    await tab.page.waitForURL(/state=FAILURE/);
    // What nobody could read has failed as well.
    assertEquals(await rows.count(), 3);
    await tab.go("/tasks");
    await tab.page.getByLabel("Task", { exact: true }).fill("images.*");
    await tab.loses("mail.send", "#live");
    assertMatch(tab.page.url(), /name=images/);
    await tab.page.getByLabel("Text within").fill("is negative");
    await tab.page.waitForURL(/text=is/);
    await tab.loses("Success", "#live table");
    assertEquals(await rows.count(), 1);
    await tab.press("Clear");
    await tab.page.getByRole("link", { name: "Ran" }).click();
    await tab.page.locator("th[aria-sort=descending]", { hasText: "Ran" })
      .waitFor();
    await tab.page.getByLabel(/^Find a task/).fill(LATER);
    await tab.page.keyboard.press("Enter");
    await tab.page.waitForURL(new RegExp(`/tasks/${LATER}$`));
    await tab.page.getByLabel(/^Find a task/).fill("two");
    await tab.page.keyboard.press("Enter");
    await tab.page.waitForURL(/\/workers\/two/);
  });
}

async function liveUpdates({ withTab, shop }: Scene): Promise<void> {
  await withTab(async (tab) => {
    await tab.go("/tasks");
    await tab.page.locator(".live[data-state=live]").waitFor();
    const id = "seen-at-once";
    await shop.tasks.mail.applyAsync(["new@box"], { taskId: id });
    await tab.page.locator(`#live a[href$="/${id}"]`).waitFor();
    await tab.page.keyboard.press("p");
    await tab.page.locator(".live[data-state=paused]").waitFor();
    // What scripts have drawn outlives that the page is fetched anew.
    for (
      const [path, drawn] of [["/", "lv-chart canvas"], [
        `/tasks/${id}`,
        "lv-copy button",
      ]] as const
    ) {
      await tab.go(path);
      await tab.page.locator(drawn).first().waitFor();
      const swapped = tab.page.evaluate(
        "new Promise((go) => document.addEventListener('htmx:after:swap', go, { once: true })).then(() => true)",
      );
      await tab.page.evaluate(
        "void document.dispatchEvent(new Event('lv:refresh'))",
      );
      assert(await swapped);
      assert(await tab.page.locator(drawn).first().isVisible(), path);
    }
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

async function taskActions({ withTab, shop }: Scene): Promise<void> {
  await withTab(async (tab) => {
    await tab.go(`/tasks/${FAILED}`);
    await tab.press("Retry");
    await tab.told(/Task failed-resize|sent/);
    await tab.go(`/tasks/${LATER}`);
    await tab.press("Revoke…");
    await tab.press("Revoke", "dialog[open]");
    await tab.told(/is taken out of its queue/);
    await tab.sees("Revoked", ".page-head");
    await tab.go(`/tasks/${HELD}`);
    await tab.press("Terminate…");
    await tab.press("Terminate", "dialog[open]");
    await tab.told(/Task held-report is/);
    await shop.app.AsyncResult(HELD).get({ timeout: "10s" }).catch(() => null);
    for (const id of ["many-1", "many-2"]) {
      await shop.tasks.mail.applyAsync([id], { taskId: id, countdown: "1h" });
    }
    await tab.go("/tasks?state=SCHEDULED");
    await tab.page.getByLabel("Choose all rows").check();
    await tab.press("Revoke", "#bulk-bar");
    await tab.told(/Of \d tasks, \d were taken out/);
    await tab.sees("No task fits");
  });
}

async function queueActions({ withTab, shop }: Scene): Promise<void> {
  await withTab(async (tab) => {
    await tab.go("/queues");
    await tab.press("Purge queue billing");
    const button = tab.page.locator("dialog[open] [type=submit]");
    const name = tab.page.getByLabel("Type billing to go on");
    await name.fill("billin");
    await button.click();
    await tab.page.locator("dialog[open] :invalid").first().waitFor();
    await name.fill("billing");
    await button.click();
    await tab.told("Dropped 3 waiting tasks from queue billing");
    await tab.press("Resume queue billing");
    await tab.told("Queue billing is resumed");
    await tab.press("Pause queue billing");
    await tab.told("Queue billing is paused");
    await tab.press("Resume queue billing");
    await shop.tasks.charge.delay(9).then((sent) =>
      sent.get({ timeout: "10s" })
    );
  });
}

async function workerActions({ withTab }: Scene): Promise<void> {
  await withTab(async (tab) => {
    await tab.go("/workers/two@box");
    await tab.press("Grow by one slot");
    await tab.told(/two@box: /);
    await tab.sees("of 5");
    await tab.press("Shrink by one slot");
    await tab.sees("of 4");
    await tab.page.getByLabel("One more queue").fill("exports");
    await tab.press("Serve");
    await tab.told(/exports/);
    await tab.go("/workers/two@box");
    await tab.press("Stop serving queue exports");
    await tab.told(/exports/);
    await tab.page.locator("#rate-task").fill("mail.send");
    await tab.page.locator("#rate").fill("1000/s");
    await tab.press("Set the rate limit");
    await tab.told(/mail\.send/);
    await tab.page.locator("#time-task").fill("mail.send");
    await tab.page.locator("#soft").fill("20s");
    await tab.press("Set the time limits");
    await tab.told(/time limits? .*mail\.send|mail\.send.* limit/i);
  });
}

async function scheduleActions({ withTab, shop }: Scene): Promise<void> {
  await withTab(async (tab) => {
    const { page } = tab;
    await tab.go("/schedules/new");
    await page.getByLabel("Name").fill("hourly");
    await page.getByLabel("Task", { exact: true }).fill("mail.send");
    await page.getByLabel("When", { exact: true }).fill("61 * * * *");
    await page.locator("#preview .bad").waitFor();
    await page.getByLabel("When", { exact: true }).fill("0 * * * *");
    await page.locator("#preview li").nth(9).waitFor();
    await page.getByLabel("Arguments", { exact: true }).fill('["x@box"]');
    await tab.press("Add schedule");
    await tab.told("Schedule hourly is added");
    await tab.press("hourly");
    await tab.press("Edit");
    await page.getByLabel("What it is for").fill("Every hour");
    await tab.press("Save");
    await tab.told("Schedule hourly is changed");
    await tab.press("Disable hourly");
    await tab.told("Schedule hourly is disabled");
    await tab.press("Enable hourly");
    await tab.told("Schedule hourly is enabled");
    await tab.press("Run now");
    await tab.told(/^Sent the task of schedule hourly as /);
    await until(async () => {
      const { lastTaskId } = await shop.app.schedules.get("hourly") ?? {};
      return lastTaskId !== undefined;
    }, "the run is known");
    await tab.press("Remove…");
    await tab.press("Remove", "dialog[open]");
    await tab.told("Schedule hourly is removed");
    await page.waitForURL(/\/schedules$/);
  });
}

async function deadActions({ withTab }: Scene): Promise<void> {
  await withTab(async (tab) => {
    await tab.go("/dead");
    await tab.press(/^Redrive from\.the\.future/);
    await tab.told("Put 1 back");
    // The worker finds again that it cannot be read.
    await tab.go("/dead");
    await tab.press("from.the.future");
    await tab.sees(/version 99/);
    await tab.press("Purge…");
    await tab.page.getByLabel("Type purge to go on").fill("purge");
    await tab.press("Purge", "dialog[open]");
    await tab.told("Dropped 1 dead letter");
    await tab.page.getByLabel("Choose all rows").check();
    await tab.press("Redrive", "#bulk-bar");
    await tab.told("Put 1 back");
  });
}

async function shutdown({ withTab }: Scene): Promise<void> {
  await withTab(async (tab) => {
    await tab.go("/workers/two@box");
    tab.mayMissIt();
    await tab.press("Shut down…");
    await tab.press("Shut down", "dialog[open]");
    await tab.told(/two@box: /);
  });
}
