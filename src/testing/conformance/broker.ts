/**
 * What every broker promises.
 *
 * @module
 */

import { cancelCases } from "./broker_cancel.ts";
import { consumerCases } from "./broker_consumers.ts";
import { heldBackCases } from "./broker_held_back.ts";
import { lineCases } from "./broker_lines.ts";
import { concurrencyCases } from "./broker_concurrency.ts";
import { pauseCases } from "./broker_pause.ts";
import { publishCases } from "./broker_publish.ts";
import { rateCases } from "./broker_rate.ts";
import { replaceCases } from "./broker_replace.ts";
import { reserveCases } from "./broker_reserve.ts";
import { settleCases } from "./broker_settle.ts";
import { roomCases } from "./broker_room.ts";
import { uniqueCases } from "./broker_unique.ts";
import { uniqueSuccessorCases } from "./broker_unique_successors.ts";
import { waitCases } from "./broker_wait.ts";
import { waitingKeyCases } from "./broker_waiting_keys.ts";
import { limitViewCases } from "./limit_views.ts";
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
  {
    name: "limits",
    cases: [
      ...concurrencyCases,
      ...rateCases,
      ...lineCases,
      ...heldBackCases,
      ...roomCases,
      ...limitViewCases,
    ],
  },
  {
    name: "unique keys",
    cases: [
      ...uniqueCases,
      ...uniqueSuccessorCases,
      ...replaceCases,
      ...waitingKeyCases,
    ],
  },
];
