/**
 * For the tests of applications: a store and a clock of their own, what waits
 * in the queues, and running it on the spot.
 *
 * @example What was sent, and what comes of it
 * ```ts
 * import { Lovage } from "@lovage/lovage";
 * import { assertEnqueued, drain, testApp } from "@lovage/lovage/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const app = new Lovage("shop");
 * const remind = app.task("mail.remind", (order: number) => `order ${order}`);
 *
 * await using test = testApp(app);
 * const result = await remind.applyAsync([7], { countdown: "2d" });
 *
 * await assertEnqueued(app, remind, { args: [7], countdown: "2d" });
 * assertEquals(await drain(app), {}); // its time has not come
 * assertEquals(await drain(app, { withScheduled: true }), { SUCCESS: 1 });
 * assertEquals(await result.get(), "order 7");
 * assertEquals(test.clock.now(), Date.UTC(2026, 0, 3));
 * ```
 *
 * @example At once: tasks run where they are called
 * ```ts
 * import { Lovage } from "@lovage/lovage";
 * import { testApp } from "@lovage/lovage/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const app = new Lovage("shop");
 * const double = app.task("math.double", (n: number) => n * 2);
 *
 * await using _test = testApp(app, { eager: true });
 * assertEquals(await (await double.delay(21)).get(), 42);
 * ```
 *
 * @module
 */

export * from "./assert_enqueued.ts";
export * from "./assertion_error.ts";
export * from "./drain.ts";
export * from "./enqueued.ts";
export type { EnqueuedMatch } from "./enqueued_match.ts";
export * from "./fake_clock.ts";
export type { DrainCounts } from "./run_counts.ts";
export * from "./test_app.ts";
