/**
 * Many schedule entries, and when they are due.
 *
 * @module
 */

import { crontab, type EntryInput, Lovage } from "@lovage/lovage";
import type { ScheduleRecord } from "../src/contracts/mod.ts";
import { tellChange } from "../src/schedules/changes.ts";
import { openStore } from "./open_store.ts";

const PAGE = 1_000;
const HOUR = 3_600_000;
const PAD = "x".repeat(80);

/** Writes entries that are due once a day, in six hours at the earliest. */
export async function fillSchedule(url: string, count: number): Promise<void> {
  await using app = new Lovage("bench", { brokerUrl: url });
  app.task("bench.noop", () => {});
  const from = new Date(Date.now() + 6 * HOUR).getUTCHours();
  const entryOf = (n: number): EntryInput => ({
    task: "bench.noop",
    args: [{ n, pad: PAD }],
    schedule: crontab({
      hour: (from + Math.floor(n / 60) % 12) % 24,
      minute: n % 60,
    }),
  });
  await app.schedules.put(
    Object.fromEntries(
      Array.from({ length: count }, (_, n) => [`entry-${n}`, entryOf(n)]),
    ),
  );
}

/**
 * Lets all entries, or the first few of them, be due at a time instead, as if
 * they had been waiting for it.
 *
 * @param at epoch ms
 */
export async function makeDue(
  url: string,
  at: number,
  most: number = Infinity,
): Promise<void> {
  const store = await openStore(url);
  try {
    const records: ScheduleRecord[] = [];
    let after: string | null = null;
    do {
      const page = await store.scheduler.list(after, PAGE);
      records.push(...page.records);
      after = page.next;
    } while (after !== null && records.length < most);
    const chosen = records.slice(0, most);
    await store.scheduler.put(
      chosen.map(({ name, body }) => ({ name, body, dueAt: at })),
    );
    await tellChange(store, chosen.map(({ name }) => name));
  } finally {
    await store.close();
  }
}
