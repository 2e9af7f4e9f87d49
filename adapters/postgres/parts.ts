/**
 * What the broker and its halves, which reserve and settle, share.
 *
 * @module
 */

import type { Clock } from "../../src/contracts/mod.ts";
import type { Agenda } from "./agenda.ts";
import type { Client } from "./client.ts";
import type { EndedFeed } from "./ended_feed.ts";
import type { Floors } from "./floors.ts";
import type { Recorded } from "./recorded.ts";
import type { Signals } from "./signals.ts";

/** What the broker is made of. */
export interface Parts {
  readonly client: Client;
  readonly clock: Clock;
  /** What rates are measured by; `null` is the server's clock. */
  readonly given: Clock | null;
  /** Says what there is to do, and hears it. */
  readonly signals: Signals;
  /** Says which tasks have ended. */
  readonly feed: EndedFeed;
  /** Of which tasks that go on there is a record. */
  readonly recorded: Recorded;
  /** From where on to look for work. */
  readonly floors: Floors;
  /** When to look for what limits may hold back. */
  readonly agenda: Agenda;
}
