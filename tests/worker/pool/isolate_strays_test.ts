import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { configure, type LogRecord, reset } from "@logtape/logtape";
import {
  errorOf,
  jobOf,
  type PoolUnderTest,
  startIsolates,
  valueOf,
} from "./fixtures/pools.ts";
import type { Job } from "../../../src/worker/pool/pool.ts";
import { until } from "../../_helpers.ts";

/** When what a task leaves behind fails, in ms. */
const LATER = 100;
/** How long the task after it runs, in ms: past that. */
const LONGER = 400;

/** Runs one job after the other. */
async function inTurn(test: PoolUnderTest, ...jobs: Job[]): Promise<Error[]> {
  const errors: Error[] = [];
  for (const job of jobs) {
    const [outcome] = await test.run(job);
    if (outcome!.kind !== "success") errors.push(errorOf(outcome!));
  }
  return errors;
}

/** The warnings and worse that are logged during a call. */
async function loggedDuring(call: () => Promise<void>): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  await configure({
    sinks: { kept: (record) => records.push(record) },
    loggers: [
      { category: ["lovage"], sinks: ["kept"], lowestLevel: "warning" },
      { category: ["logtape", "meta"], lowestLevel: "error" },
    ],
  });
  try {
    await call();
  } finally {
    await reset();
  }
  return records;
}

for (const task of ["leaveThrow", "leaveRejection", "leaveInterval"]) {
  Deno.test(`IsolatePool fails no task for what an earlier one left behind: ${task}`, async () => {
    const culprit = jobOf(task, [LATER]);
    const records = await loggedDuring(async () => {
      await using test = await startIsolates();
      const before = valueOf((await test.run(jobOf("where")))[0]!);
      assertEquals(await inTurn(test, culprit, jobOf("sleep", [LONGER])), []);
      // The isolate was replaced with its host, once, after the job that ran.
      const after = valueOf((await test.run(jobOf("where")))[0]!);
      assert(
        (before as { pid: number }).pid !== (after as { pid: number }).pid,
      );
      assertEquals(test.events.faults, []);
    });
    assertEquals(records.map(({ level }) => level), ["warning"]);
    const text = records[0]!.message.join("");
    assertStringIncludes(text, `task "${task}" (${culprit.id})`);
    assertStringIncludes(text, "RangeError: late");
  });
}

Deno.test("IsolatePool replaces an idle isolate in which something left behind fails", async () => {
  await using test = await startIsolates();
  const [pid] = test.pool.pids;
  await inTurn(test, jobOf("leaveThrow", [1]));
  await until(() => !test.pool.pids.includes(pid!), "another host");
  assertEquals(await inTurn(test, jobOf("noop")), []);
});

for (const task of ["rejectOutside", "throwOutside"]) {
  Deno.test(`IsolatePool fails a task with its own stray error after others: ${task}`, async () => {
    await using test = await startIsolates();
    const [error, ...more] = await inTurn(test, jobOf("noop"), jobOf(task));
    assertEquals(more, []);
    assertEquals(error!.name, "RangeError");
    assert(/^stray (error|rejection)$/.test(error!.message));
  });
}

Deno.test("IsolatePool fails the first task of an isolate with an error of unknown origin", async () => {
  await using test = await startIsolates();
  const [error] = await inTurn(test, jobOf("throwUnknown"));
  assertEquals(error!.message, "nobody's error");
});

Deno.test("IsolatePool lets a task end after an error that may be an earlier one's", async () => {
  await using test = await startIsolates();
  const [pid] = test.pool.pids;
  const jobs = [jobOf("leaveUnknown", [LATER]), jobOf("sleep", [LONGER])];
  assertEquals(await inTurn(test, ...jobs, jobOf("noop")), []);
  await until(() => !test.pool.pids.includes(pid!), "another host");
});

Deno.test("IsolatePool fails a task that waits on after an error that may be its own", async () => {
  await using test = await startIsolates();
  const [error] = await inTurn(test, jobOf("noop"), jobOf("throwUnknown"));
  assertEquals(error!.name, "RangeError");
  assertStringIncludes(
    error!.message,
    "nobody's error (thrown outside of any task, possibly by what an earlier " +
      "task of the same isolate left behind)",
  );
});
