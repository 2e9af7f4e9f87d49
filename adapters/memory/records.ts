/**
 * How result records enter and leave the state: one place for the broker,
 * which stores them with settlements, and for the result backend.
 *
 * @module
 */

import type { ResultRecord } from "../../src/contracts/mod.ts";
import type { MemoryState } from "./state.ts";

/**
 * Stores a record, unless it has not ended and would replace one that has.
 *
 * @returns whether it was stored
 */
export function putRecord(state: MemoryState, record: ResultRecord): boolean {
  if (!record.ended && state.results.get(record.id)?.record.ended) return false;
  dropRecord(state, record.id);
  const seq = state.next();
  state.results.set(record.id, { seq, record });
  state.resultLog.add(seq, record);
  if (record.expiresAt !== null) {
    state.resultExpiry.push(record.expiresAt, seq, record);
  }
  count(state, record.state, 1);
  return true;
}

/** Drops the record of an id, if there is one. */
export function dropRecord(state: MemoryState, id: string): boolean {
  const entry = state.results.get(id);
  if (entry === undefined) return false;
  state.results.delete(id);
  state.resultLog.remove(entry.seq);
  count(state, entry.record.state, -1);
  return true;
}

/** Tells everybody who listens that tasks have ended. */
export function tellEnded(state: MemoryState, ids: readonly string[]): void {
  if (ids.length === 0) return;
  for (const listener of state.endedListeners) listener(ids);
}

function count(state: MemoryState, name: string, step: number): void {
  const value = (state.resultCounts.get(name) ?? 0) + step;
  if (value === 0) state.resultCounts.delete(name);
  else state.resultCounts.set(name, value);
}
