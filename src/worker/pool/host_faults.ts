/**
 * What to say and make of hosts and isolates that came to grief.
 *
 * @module
 */

import type { ProcessExit } from "../../runtime/host_process.ts";
import type { Outcome } from "../outcome.ts";
import { type FaultTimes, lost } from "./faults.ts";
import type { Job } from "./pool.ts";
import type { FaultReport } from "./protocol.ts";
import type { Seat } from "./seat.ts";

// What V8 writes before it ends the process.
const HEAP_EXHAUSTED = /(JavaScript|heap|process) out of memory/;

/** Whether a host process ended because a heap of it was full. */
export function isHeapExhausted({ stderr }: ProcessExit): boolean {
  return HEAP_EXHAUSTED.test(stderr);
}

/** How a host process ended, after its name. */
export function describeExit({ code, signal, error }: ProcessExit): string {
  if (error !== null) return `could not be forked: ${error}`;
  if (signal === null) return `exited with code ${code}`;
  return signal === "SIGKILL"
    ? `was killed by SIGKILL, by someone or for want of memory`
    : `was killed by ${signal}`;
}

/** Who else ran in a host that ended, when nobody knows whose fault it was. */
export function describeSuspects(
  suspects: readonly Seat[],
  seat: Seat,
): string {
  const ids = suspects.filter((it) => it !== seat)
    .map((it) => it.entries.values().next().value?.job.id);
  return ids.length === 0
    ? ""
    : `; the same host ran ${
      ids.join(", ")
    }, and any of them may have caused it`;
}

/** Why an isolate is done for. */
export function describeReport(report: FaultReport): string {
  return report.exit === undefined
    ? `an error was thrown outside of a task: ${report.message}`
    : `a task called ${report.exit}`;
}

/** What to make of a job whose isolate is done for. */
export function outcomeOfReport(
  job: Job,
  report: FaultReport,
  times: FaultTimes,
): Outcome {
  if (report.exit !== undefined) {
    return lost(job, `the task called ${report.exit}`, times);
  }
  return report.error === undefined
    ? lost(job, `its isolate failed: ${report.message}`, times)
    : { kind: "failure", error: report.error, ...times };
}
