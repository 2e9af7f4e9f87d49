/** Several apps whose schedules are in one store. */

import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { ValidationError } from "@lovage/lovage";
import { z } from "zod";
import { beatTest } from "./fixtures/beat_lab.ts";

beatTest("the leading beat sends the entries of all apps", async (lab) => {
  const shop = lab.app({
    beatSchedule: { ours: { task: "report", schedule: "10s" } },
  }, "shop");
  const mail = lab.app({
    taskRoutes: { "mail.*": "letters" },
    beatSchedule: {
      theirs: { task: "mail.send", schedule: "10s" },
      urgent: {
        task: "mail.send",
        schedule: "10s",
        options: { queue: "fast", priority: 1 },
      },
    },
  }, "mail");
  mail.task("mail.send", { priority: 7 }, () => {});
  await using log = await lab.log();
  await lab.beat(shop);
  await lab.beat(mail);
  await lab.pass(10_000);
  const sent = (await lab.sent()).map(({ entry, envelope }) => [
    entry,
    envelope.queue,
    envelope.priority,
  ]);
  assertEquals(sent.toSorted(), [
    ["ours", "default", 4],
    ["theirs", "letters", 7],
    ["urgent", "fast", 1],
  ]);
  assertEquals(log.lines("error"), []);
});

beatTest("a name that another app's code has is left to it", async (lab) => {
  const entry = { task: "report", schedule: "10s" } as const;
  const shop = lab.app({ beatSchedule: { nightly: entry } }, "shop");
  await (await lab.beat(shop)).stop();
  const mail = lab.app({
    beatSchedule: { nightly: { ...entry, schedule: "20s" }, other: entry },
  }, "mail");
  await using log = await lab.log();
  await (await lab.beat(mail)).stop();
  const stored = await shop.schedules.get("nightly");
  assertEquals([stored?.app, stored?.schedule.describe()], [
    "shop",
    "every 10s",
  ]);
  assertEquals((await shop.schedules.get("other"))?.app, "mail");
  assertMatch(log.lines("error").join(), /nightly.*app.*shop/);
});

beatTest("arguments that a schema refuses are not written", async (lab) => {
  const app = lab.app();
  app.task("age", { schema: { args: [z.number()] } }, (_age) => {});
  await assertRejects(
    () => app.schedules.add("a", { task: "age", schedule: "1m", args: ["x"] }),
    ValidationError,
    "args[0]",
  );
  assertEquals(await app.schedules.get("a"), null);
});
