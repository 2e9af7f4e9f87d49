/** Entries that cannot be sent: said once, and none the others' worse. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { type BeatLab, beatTest } from "./fixtures/beat_lab.ts";
import { entryJson } from "./fixtures/entries.ts";

const GOOD = entryJson({ schedule: "*/10 * * * * *", task: "report" });

function text(changes: Record<string, unknown>): string {
  return JSON.stringify({ ...GOOD, writer: "lab", ...changes });
}

/** What is wrong, and how it is said. */
const BROKEN: readonly (readonly [string, string, string])[] = [
  ["no JSON", "{", "it is not JSON"],
  ["no object", "7", "it is no object"],
  ["an unknown version", text({ v: 99 }), "it has version 99, not 1"],
  ["no signature", text({ signature: null }), "it lacks its task"],
  ["no schedule", text({ schedule: null }), "must have a kind"],
  [
    "an unknown kind of schedule",
    text({ schedule: { kind: "lunar" } }),
    'knows no schedule of the kind "lunar"',
  ],
  [
    "an unknown time zone",
    text({
      timezone: "Europe/Berln",
      schedule: { kind: "interval", every: 1000, aligned: false },
    }),
    'There is no time zone "Europe/Berln". Did you mean "Europe/Berlin"?',
  ],
  [
    "an unknown task",
    text({ signature: { task: "repport", args: [], options: {} } }),
    'names the task "repport", which app "lab" does not have. Did you mean "report"?',
  ],
  [
    "arguments that cannot be read",
    text({
      signature: { ...GOOD.signature, meta: { values: { args: 5 }, v: 1 } },
    }),
    "The arguments cannot be read",
  ],
  [
    "an option that there is not",
    text({ signature: { ...GOOD.signature, options: { queu: "a" } } }),
    'Did you mean "queue"?',
  ],
];

async function write(lab: BeatLab, name: string, body: string): Promise<void> {
  const dueAt = lab.clock.now() + 10_000;
  await lab.store.scheduler.put([{ name, body, dueAt }]);
}

for (const [what, body, said] of BROKEN) {
  beatTest(
    `an entry with ${what} is said once, and the others go on`,
    async (lab) => {
      await using log = await lab.log();
      const app = lab.app();
      await write(lab, "broken", body);
      await app.schedules.add("good", { task: "report", schedule: "10s" });
      const beat = await lab.beat(app);
      await lab.pass(20_000);
      // Everything is read again.
      await app.schedules.put(Object.fromEntries(
        Array.from(
          { length: 60 },
          (_, at) => [`more${at}`, { task: "report", schedule: "1d" }] as const,
        ),
      ));
      await lab.pass(10_000);
      assertEquals((await lab.sent("good")).length, 3);
      assertEquals(log.complaints.length, 1, log.complaints.join("\n"));
      assertStringIncludes(log.complaints[0]!, "broken is left out: ");
      assertStringIncludes(log.complaints[0]!, said);
      // Mended, it goes as well.
      await write(lab, "broken", JSON.stringify(GOOD));
      await app.schedules.edit("broken", { description: "mended" });
      await lab.pass(10_000);
      assertEquals((await lab.sent("broken")).length, 1);
      assertEquals(log.complaints.length, 1, log.complaints.join("\n"));
      await beat.stop();
    },
  );
}

beatTest(
  "an entry that is too large is said once, and goes once it is smaller",
  async (lab) => {
    await using log = await lab.log();
    const app = lab.app({ taskMaxMessageSize: 1_000 });
    const task = "report";
    const args = ["x".repeat(2_000)];
    await app.schedules.put({
      large: { task, schedule: "10s", args },
      good: { task, schedule: "10s" },
    });
    await lab.beat(app);
    await lab.pass(30_000);
    assertEquals((await lab.sent("good")).length, 3);
    assertEquals(log.complaints.length, 1, log.complaints.join("\n"));
    assertStringIncludes(log.complaints[0]!, "taskMaxMessageSize");
    await app.schedules.edit("large", { args: [] });
    await lab.pass(10_000);
    // It was due all the time.
    assertEquals(await lab.ticks("large"), [
      "2026-01-01T00:00:30Z",
      "2026-01-01T00:00:40Z",
    ]);
  },
);
