/**
 * What every broker promises.
 *
 * @module
 */

import { cancelCases } from "./broker_cancel.ts";
import { consumerCases } from "./broker_consumers.ts";
import { pauseCases } from "./broker_pause.ts";
import { publishCases } from "./broker_publish.ts";
import { reserveCases } from "./broker_reserve.ts";
import { settleCases } from "./broker_settle.ts";
import { waitCases } from "./broker_wait.ts";
import type { Suite } from "./harness.ts";

/** The suites of the broker port. */
export const brokerSuites: readonly Suite[] = [
  { name: "publish", cases: publishCases },
  { name: "reserve", cases: reserveCases },
  { name: "wait", cases: waitCases },
  { name: "settle", cases: settleCases },
  { name: "consumers", cases: consumerCases },
  { name: "cancel and purge", cases: cancelCases },
  { name: "pause", cases: pauseCases },
];
