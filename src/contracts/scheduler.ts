/**
 * The scheduler port: what is to be sent again and again, and who sends it.
 *
 * Terms:
 * - **entry**: a named schedule. The store does not look into what it says; it
 *   keeps when the entry is due.
 * - **firing**: an entry's due time is moved on, and the messages that this
 *   means are published, as one step. Of all that fire an entry at one due
 *   time, one succeeds.
 * - **leader**: the one process that fires. The lease only spares the others
 *   the work; that nothing is fired twice does not depend on it.
 *
 * @module
 */

import type { Message } from "./broker.ts";

/** An entry as the store keeps it. */
export interface ScheduleRecord {
  /** Its name: 1 to 255 characters, unique. */
  readonly name: string;
  /** What it says, encoded. */
  readonly body: string;
  /** When it is due, epoch ms; `null` when it is not, or never again. */
  readonly dueAt: number | null;
  /** What came of it so far, encoded; `""` before it was fired. */
  readonly state: string;
  /** The put that is in force: the number of the store's puts until then. */
  readonly revision: number;
}

/** An entry to write. What came of it so far stays. */
export interface SchedulePut {
  /** {@linkcode ScheduleRecord.name} */
  readonly name: string;
  /** {@linkcode ScheduleRecord.body} */
  readonly body: string;
  /** {@linkcode ScheduleRecord.dueAt} */
  readonly dueAt: number | null;
  /**
   * The revision that must be in force, `null` if there must be none of this
   * name. Without it the entry is written in any case.
   */
  readonly expected?: number | null | undefined;
}

/** One due time of one entry. */
export interface Firing {
  /** The entry. */
  readonly name: string;
  /** The revision that was read. */
  readonly revision: number;
  /** The due time that was read. */
  readonly dueAt: number;
  /** When it is due next; `null` when it is not. */
  readonly nextAt: number | null;
  /** What has come of it now. */
  readonly state: string;
  /**
   * What it means, with ids of their own that follow from entry and due time.
   * May be empty.
   */
  readonly messages: readonly Message[];
}

/** A beat that asks to lead: only the one that does fires entries. */
export interface Candidate {
  /** Unique per start. */
  readonly id: string;
  /** A name for people, `beat@host`. */
  readonly name: string;
  /** For how long it leads after each call, in ms. */
  readonly lease: number;
}

/** Who leads. */
export interface Leadership {
  /** The id of the leader; `null` when nobody leads. */
  readonly id: string | null;
  /** Its name; `""` when nobody leads. */
  readonly name: string;
  /** When its lease ends unless it is renewed, epoch ms; 0 without a leader. */
  readonly until: number;
  /**
   * The store's time, epoch ms: by it leases end, and by it all that may lead
   * agree on what is due.
   */
  readonly now: number;
  /** The number of puts and removals so far: what has it seen has all. */
  readonly revision: number;
}

/** A page of entries, by name. */
export interface SchedulePage {
  /** The entries. */
  readonly records: readonly ScheduleRecord[];
  /** Where the next page begins; `null` after the last one. */
  readonly next: string | null;
}

/** Where entries are kept and fired. */
export interface Scheduler {
  /**
   * Writes entries, each as a whole. A call that wrote something counts the
   * store's revision up by one.
   *
   * @returns for each the revision now in force, `null` where another one was
   * expected
   */
  put(batch: readonly SchedulePut[]): Promise<readonly (number | null)[]>;
  /**
   * Removes entries. A call that removed something counts the store's
   * revision up by one.
   *
   * @returns for each name whether there was one
   */
  remove(names: readonly string[]): Promise<readonly boolean[]>;
  /** Reads entries, in the order of the names; `null` for what is not there. */
  fetch(names: readonly string[]): Promise<readonly (ScheduleRecord | null)[]>;
  /**
   * Reads entries in the order of the code points of their names.
   *
   * @param after where to begin: {@linkcode SchedulePage.next}; `null` at the
   * first
   * @param limit the most entries to return; at least 1
   */
  list(after: string | null, limit: number): Promise<SchedulePage>;
  /**
   * Fires entries: those whose revision and due time are still those that
   * were read get their new due time and state, and their messages are
   * published, idempotent by id as with `Broker.publish`; the others change
   * nothing. All of it is one step, where the store has
   * `capabilities.atomicSettlement`; elsewhere what a crash cut short is
   * completed by the next `lead`.
   *
   * @returns for each whether it was fired
   */
  fire(batch: readonly Firing[]): Promise<readonly boolean[]>;
  /**
   * Takes the lead if nobody has it, or renews it. It ends by itself with the
   * lease; the store's server, where there is one, measures that.
   */
  lead(candidate: Candidate): Promise<Leadership>;
  /** Gives the lead up; of one that does not lead, nothing. */
  resign(id: string): Promise<void>;
  /** Who leads. */
  leader(): Promise<Leadership>;
}
