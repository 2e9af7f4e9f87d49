/**
 * A shop with much going on, for the dashboard to show: two workers, failures,
 * retries, a chord, a paused queue, a queue that nobody serves, dead letters
 * and schedules; and script in names, arguments and errors.
 *
 * @module
 */

import { chord, Lovage, type Worker } from "@lovage/lovage";
import { internalsOf } from "../../../src/internals.ts";
import { nextEvent, rawMessage, until } from "../../_helpers.ts";

/** What must never run, only be read. */
export const SCRIPT = `<img src=x onerror="document.title='owned'">`;
/** The id of the task that fails. */
export const FAILED = "failed-resize";
/** The id of the task that waits for its retry. */
export const RETRIED = "retried-charge";
/** The id of the task that runs until it is stopped. */
export const HELD = "held-report";
/** The id of the task that waits for its time. */
export const LATER = "later-mail";
/** The id of the task whose queue nobody serves. */
export const UNSERVED = "unserved-export";
/** The id of the body of the chord. */
export const BODY = "chord-body";

/** The tasks of a shop. */
export function tasksOf(app: Lovage) {
  const runs = new Map<string, number>();
  return {
    moody: app.task("shop.moody", (key: string) => {
      const run = (runs.get(key) ?? 0) + 1;
      runs.set(key, run);
      if (run === 1) throw new Error(`${key} does not like its first run`);
      return `${key}, run ${run}`;
    }),
    mail: app.task("mail.send", (to: string) => ({ to, sent: true })),
    resize: app.task("images.resize", (path: string, width: number) => {
      if (width < 0) {
        throw new RangeError(`width ${width} of ${path} is negative`, {
          cause: new TypeError(`${SCRIPT} is no size`),
        });
      }
      return `${path}@${width}`;
    }),
    charge: app.task(
      "billing.charge",
      { bind: true, maxRetries: 3, autoretryFor: [TypeError] },
      (self, order: number) => {
        if (self.request.retries === 0 && order < 0) {
          self.retry({ countdown: "1h", exc: new TypeError("card busy") });
        }
        return { order, paid: true };
      },
    ),
    hold: app.task(
      "reports.build_quarterly_statement_for_all_tenants_of_a_region",
      { bind: true },
      (self, _region: string) =>
        new Promise<string>((resolve) =>
          self.signal.addEventListener("abort", () => resolve("stopped"))
        ),
    ),
    odd: app.task(`odd.${SCRIPT}`, (text: string) => text.length),
    sum: app.task(
      "orders.sum",
      (all: readonly unknown[]) => all.length,
    ),
  };
}

/** A shop that is open. */
export interface Shop extends AsyncDisposable {
  readonly app: Lovage;
  readonly tasks: ReturnType<typeof tasksOf>;
  readonly workers: readonly Worker[];
}

/** Opens a shop on a store, and waits until all of it has happened. */
export async function openShop(url: string): Promise<Shop> {
  const stack = new AsyncDisposableStack();
  const app = stack.use(
    new Lovage("shop", {
      brokerUrl: url,
      resultExtended: true,
      taskTrackStarted: true,
      workerLease: "5s",
    }),
  );
  const tasks = tasksOf(app);
  const workers = [
    await app.worker({
      pool: "async",
      hostname: "one@box",
      queues: ["default", "images"],
      concurrency: 8,
    }),
    await app.worker({
      pool: "async",
      hostname: "two@box",
      queues: ["default", "billing"],
      concurrency: 4,
    }),
  ];
  for (const worker of workers) stack.defer(() => worker.stop("cold"));
  await fill(app, tasks);
  return {
    app,
    tasks,
    workers,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

async function fill(app: Lovage, tasks: Shop["tasks"]): Promise<void> {
  const { mail, resize, charge, hold, odd, sum } = tasks;
  const ended = [
    ...await Promise.all(
      Array.from({ length: 60 }, (_, at) => mail.delay(`user${at}@box`)),
    ),
    await odd.delay(SCRIPT),
    await chord(
      [resize.s("a.png", 64), resize.s("b.png", 64), mail.s("c@box")],
      sum.s().set({ taskId: BODY }),
    ).delay(),
  ];
  await Promise.all(ended.map((each) => each.get({ timeout: "20s" })));
  const failed = await resize.applyAsync([SCRIPT, -1], { taskId: FAILED });
  await failed.get({ timeout: "20s" }).catch(() => undefined);
  const retried = nextEvent(app, "taskRetry", isOf(RETRIED));
  await charge.applyAsync([-7], { taskId: RETRIED });
  await retried;
  const started = nextEvent(app, "taskPrerun", isOf(HELD));
  await hold.applyAsync(["eu-central"], { taskId: HELD });
  await started;
  await mail.applyAsync(["later@box"], { taskId: LATER, countdown: "2h" });
  await mail.applyAsync(["export"], { taskId: UNSERVED, queue: "exports" });
  await app.control.pause("billing");
  for (let order = 1; order <= 3; order++) {
    await charge.applyAsync([order], { queue: "billing" });
  }
  await deadLetters(app);
  await app.schedules.add("nightly-invoice", {
    task: "billing.charge",
    schedule: "30 2 * * *",
    args: [1],
    timezone: "Europe/Berlin",
    description: "Invoices of the day before",
  });
  await app.schedules.add("clean-up", { task: "mail.send", schedule: "90s" });
  await app.schedules.disable("clean-up");
}

/** Messages that nobody can read. */
async function deadLetters(app: Lovage): Promise<void> {
  const { broker } = await internalsOf(app).stores.open();
  await broker.broker.publish([
    rawMessage("{", { id: "dead-1", task: `broken ${SCRIPT}` }),
    rawMessage('{"v":99}', { id: "dead-2", task: "from.the.future" }),
  ]);
  await until(
    async () =>
      (await broker.deadLetters.list({ limit: 10 })).items.length === 2,
    "the workers have met the messages that nobody can read",
  );
}

function isOf(id: string): (event: { readonly taskId: string }) => boolean {
  return ({ taskId }) => taskId === id;
}
