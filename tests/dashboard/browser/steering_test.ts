/**
 * Queues, workers, schedules and dead letters in a browser: each action, by
 * what it does.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { until } from "../../_helpers.ts";
import { internalsOf } from "../../../src/internals.ts";
import { startWorker } from "../../app/fixtures/servers.ts";
import { inEachShop, type Scene } from "./scene.ts";

inEachShop("steering", [
  ["queues are paused, resumed and purged", queueActions],
  ["workers are steered", workerActions],
  ["a pool is restarted", restartPool],
  ["a worker that stands still does not answer", standStill],
  ["schedules are added, changed, run and removed", scheduleActions],
  ["dead letters are redriven and purged", deadActions],
  ["a worker is shut down", shutdown],
]);

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

/** A worker in a process of its own. */
function idleWorker(store: string, name: string) {
  return startWorker(
    new URL("../../cli/fixtures/env_tasks.ts", import.meta.url).href,
    { LOVAGE_BROKER_URL: store, LOVAGE_WORKER_LEASE: "60s" },
    ...["-n", name, "-Q", "idle"],
  );
}

async function standStill(
  { withTab, store, colorScheme }: Scene,
): Promise<void> {
  const worker = await idleWorker(store, "still@box");
  try {
    await withTab(async (tab) => {
      const row = tab.page.locator("tr", { hasText: "still@box" });
      await tab.go("/workers");
      await row.getByText("Online").waitFor();
      worker.kill("SIGSTOP");
      await until(async () => {
        await tab.go("/workers");
        return await row.getByText("No answer; heard of").count() === 1;
      }, "that it does not answer");
      // The others are as they were.
      const other = tab.page.locator("tr", { hasText: "one@box" });
      await other.getByText("Online").waitFor();
      assertEquals(await tab.flaws(), []);
      assertEquals(await tab.overflow(), 0);
      worker.kill("SIGCONT");
      await until(async () => {
        await tab.go("/workers");
        return await row.getByText("Online").count() === 1;
      }, "its answer");
    }, { colorScheme });
  } finally {
    await worker.end();
  }
}

async function restartPool({ withTab, shop, store }: Scene): Promise<void> {
  const name = "hosts@box";
  const worker = await idleWorker(store, name);
  const hosts = async (): Promise<readonly number[]> => {
    const { replies } = await shop.app.control.inspect({ destination: [name] })
      .stats();
    return replies[name]?.pool.processes ?? [];
  };
  try {
    const before = await hosts();
    assert(before.length >= 2);
    await withTab(async (tab) => {
      // The dashboard looks for new ones now and then.
      await tab.go("/workers");
      await tab.press(name, "main");
      await tab.press("Restart pool");
      await tab.told(/^hosts@box: /);
      await until(async () => {
        const now = await hosts();
        return now.length >= 2 && now.every((pid) => !before.includes(pid));
      }, "other host processes");
      // A pool that has none says so.
      await tab.go("/workers/one@box");
      tab.mayBeRefused();
      await tab.press("Restart pool");
      await tab.told(/one@box: .*cannot load code anew: restart the worker/);
    });
  } finally {
    await worker.end();
  }
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

async function deadActions({ withTab, shop }: Scene): Promise<void> {
  const { broker } = await internalsOf(shop.app).stores.open();
  /** The workers find again that they cannot be read. */
  const areBack = (count: number, since: number) =>
    until(async () => {
      const { items } = await broker.deadLetters.list({ limit: 10 });
      return items.length === count &&
        items.every(({ diedAt }) => diedAt >= since);
    }, "the letters are back");
  await withTab(async (tab) => {
    const [first, ...rest] = (await broker.deadLetters.list({ limit: 10 }))
      .items;
    const latest = Math.max(
      ...[first, ...rest].map((each) => each?.diedAt ?? 0),
    );
    await tab.go("/dead");
    await tab.press("Redrive all…");
    await tab.sees("Put all 2 dead letters back?", "dialog[open]");
    await tab.press("Redrive all", "dialog[open]");
    await tab.told("Put 2 back");
    await areBack(2, latest + 1);
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
    await areBack(1, latest + 1);
    await tab.go("/dead");
    await tab.press("Purge all…");
    await tab.sees("Drop the dead letter?", "dialog[open]");
    const button = tab.page.locator("dialog[open] [type=submit]");
    await button.click();
    await tab.page.locator("dialog[open] :invalid").first().waitFor();
    await tab.page.getByLabel("Type purge to go on").fill("purge");
    await button.click();
    await tab.told("Dropped 1 dead letter");
    await tab.sees("No dead letters");
    assertEquals((await broker.deadLetters.list({ limit: 10 })).items, []);
  });
}

async function shutdown({ withTab }: Scene): Promise<void> {
  await withTab(async (tab) => {
    await tab.go("/workers/two@box");
    tab.mayBeRefused();
    await tab.press("Shut down…");
    await tab.press("Shut down", "dialog[open]");
    await tab.told(/two@box: /);
  });
}
