/**
 * The tasks in a browser: how they are found, followed and acted on.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Request, Route } from "playwright-core";
import { Latch } from "../../_helpers.ts";
import { inEachShop, type Scene } from "./scene.ts";
import { HELD, LATER } from "./shop.ts";

inEachShop("the tasks", [
  ["tasks are narrowed down, sorted and found", narrowing],
  ["what was asked for before a filter does not come over it", lateAnswer],
  ["what happens is shown without a reload", liveUpdates],
  ["tasks are revoked and terminated", taskActions],
  ["what has ended runs once more", runAgain],
]);

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

async function lateAnswer({ withTab }: Scene): Promise<void> {
  await withTab(async (tab) => {
    const { page } = tab;
    await tab.go("/tasks?name=images.*");
    const rows = page.locator("#live tbody tr");
    const all = await rows.count();
    const held = new Latch<Route>();
    await page.route(/name=images/, (route) => held.open(route), { times: 1 });
    await page.evaluate("document.dispatchEvent(new Event('lv:refresh'))");
    const refresh = await held.opened;
    const isRefresh = (request: Request) => request === refresh.request();
    const ended = Promise.race([
      page.waitForEvent("requestfinished", isRefresh),
      page.waitForEvent("requestfailed", isRefresh),
    ]);
    await page.getByLabel("Text within").fill("is negative");
    await page.waitForURL(/text=is/);
    // The page may have given it up.
    await refresh.continue().catch(() => {});
    await ended;
    await page.evaluate(
      "new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))",
    );
    assert(all > 1);
    assertEquals(await rows.count(), 1);
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

async function taskActions({ withTab, shop }: Scene): Promise<void> {
  await withTab(async (tab) => {
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

async function runAgain({ withTab, shop }: Scene): Promise<void> {
  const sent = await shop.tasks.moody.applyAsync(["a"], { taskId: "moody" });
  await sent.get({ timeout: "10s" }).catch(() => null);
  await withTab(async (tab) => {
    await tab.go("/tasks/moody");
    await tab.sees(/does not like its first run/, "#error");
    await tab.press("Retry");
    await tab.told("Task moody is sent again");
    await tab.sees("Success", ".page-head");
    await tab.sees("a, run 2", "#result");
    // What is done twice is asked about.
    await tab.press("Run again…");
    await tab.sees(/whatever it did is done once more/, "dialog[open]");
    await tab.press("Run again", "dialog[open]");
    await tab.told(/^Task moody is sent again as /);
    await tab.go("/tasks?name=shop.moody&state=SUCCESS");
    const rows = tab.page.locator("#live tbody tr");
    await rows.nth(1).waitFor();
    await rows.first().locator("a.row").click();
    await tab.sees("a, run 3", "#result");
    await tab.go(`/tasks/${LATER}`);
    await tab.sees("Revoked", ".page-head");
    await tab.press("Run it after all…");
    await tab.press("Run it after all", "dialog[open]");
    await tab.told(`Task ${LATER} is sent again`);
    await tab.sees("Success", ".page-head");
    // Of several only those that have failed, unless it is said.
    await tab.go("/tasks?name=shop.moody");
    await tab.page.getByLabel("Choose all rows").check();
    tab.mayBeRefused();
    await tab.press("Retry", "#bulk-bar");
    await tab.told(/^0 tasks are sent again; 2 are not: .*has succeeded/);
  });
}
