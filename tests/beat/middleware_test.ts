/** Middleware and listeners see what beat sends. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { beatTest } from "./fixtures/beat_lab.ts";

const EACH = { task: "report", schedule: "10s" } as const;

beatTest(
  "what beat sends goes through the middleware and past the listeners",
  async (lab) => {
    const app = lab.app();
    const seen: string[] = [];
    app.use({
      publish: async (envelope, next) => {
        seen.push(`in ${envelope.id}`);
        await next({
          ...envelope,
          headers: { ...envelope.headers, tenant: 1 },
        });
        seen.push("out");
      },
    });
    app.on("beforeTaskPublish", ({ taskId }) => seen.push(`before ${taskId}`));
    app.on("afterTaskPublish", ({ taskId }) => seen.push(`after ${taskId}`));
    await app.schedules.add("a", EACH);
    await lab.beat(app);
    await lab.pass(10_000);
    const id = "a@2026-01-01T00:00:10Z";
    assertEquals(seen, [`in ${id}`, `before ${id}`, `after ${id}`, "out"]);
    const [sent] = await lab.sent();
    assertEquals(sent?.envelope.headers, { periodicTaskName: "a", tenant: 1 });
  },
);

beatTest(
  "what the middleware drops is not sent, and counts as dropped",
  async (lab) => {
    await using log = await lab.log();
    const app = lab.app();
    app.use({
      publish: async (envelope, next) => {
        if (envelope.headers?.["periodicTaskName"] !== "a") {
          await next(envelope);
        }
      },
    });
    await app.schedules.put({ a: EACH, b: EACH });
    const beat = await lab.beat(app);
    await lab.pass(20_000);
    assertEquals((await lab.sent()).map(({ entry }) => entry), ["b", "b"]);
    assertEquals(beat.totals.sent, 2);
    const entry = await app.schedules.get("a");
    assertEquals([entry?.totalRuns, entry?.lastRunAt, entry?.lastTaskId], [
      0,
      null,
      null,
    ]);
    assertStringIncludes(log.complaints[0]!, "the middleware has dropped it");
  },
);

beatTest(
  "a middleware that drops some of many times lets the others go",
  async (lab) => {
    const app = lab.app();
    app.use({
      publish: async (envelope, next) => {
        if (!envelope.id.endsWith("20Z")) await next(envelope);
      },
    });
    await app.schedules.add("a", { ...EACH, catchUp: "all" });
    await lab.pass(35_000);
    await lab.beat(app);
    assertEquals(await lab.ticks(), [
      "2026-01-01T00:00:10Z",
      "2026-01-01T00:00:30Z",
    ]);
    assertEquals((await app.schedules.get("a"))?.totalRuns, 2);
  },
);

for (const catchUp of ["one", "all"] as const) {
  beatTest(
    `while a middleware throws an entry waits, and goes on as catchUp "${catchUp}" says`,
    async (lab) => {
      await using log = await lab.log();
      const app = lab.app();
      let isBroken = true;
      app.use({
        publish: async (envelope, next) => {
          const entry = envelope.headers?.["periodicTaskName"];
          if (isBroken && entry === "a") throw new RangeError("no tenant");
          await next(envelope);
        },
      });
      await app.schedules.put({ a: { ...EACH, catchUp }, b: EACH });
      await lab.beat(app);
      await lab.pass(30_000);
      assertEquals(await lab.ticks("a"), []);
      assertEquals((await lab.ticks("b")).length, 3);
      assertEquals(log.complaints.length, 1);
      assertStringIncludes(log.complaints[0]!, "RangeError: no tenant");
      isBroken = false;
      await lab.pass(50_000);
      const seconds = (await lab.ticks("a")).map((tick) => tick.slice(14, -1));
      assertEquals(
        seconds,
        catchUp === "one" ? ["01:10", "01:20"] : [
          "00:10",
          "00:20",
          "00:30",
          "00:40",
          "00:50",
          "01:00",
          "01:10",
          "01:20",
        ],
      );
    },
  );
}

beatTest(
  "an id that the middleware gives is that of the last task",
  async (lab) => {
    const app = lab.app();
    app.use({
      publish: (envelope, next) =>
        next({ ...envelope, id: `own-${envelope.id}` }),
    });
    await app.schedules.add("a", { ...EACH, overlap: "skip" });
    await lab.beat(app);
    await lab.pass(20_000);
    assertEquals((await lab.sent()).map(({ id }) => id), [
      "own-a@2026-01-01T00:00:10Z",
    ]);
    assertEquals((await app.schedules.get("a"))?.skippedRuns, 1);
  },
);
