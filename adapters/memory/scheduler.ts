/**
 * The scheduler in memory.
 *
 * @module
 */

import type {
  Candidate,
  Clock,
  Firing,
  Leadership,
  SchedulePage,
  SchedulePut,
  Scheduler,
  ScheduleRecord,
} from "../../src/contracts/mod.ts";
import { addMessage } from "./messages.ts";
import type { Lead, Schedules } from "./schedules.ts";
import type { MemoryState } from "./state.ts";

/** How far a clock may be set back before a lease counts as ended, in ms. */
const TOLERANCE = 1_000;

/** Schedule entries in memory. */
export class MemoryScheduler implements Scheduler {
  readonly #state: MemoryState;
  readonly #schedules: Schedules;
  readonly #clock: Clock;

  constructor(state: MemoryState, clock: Clock) {
    this.#state = state;
    this.#schedules = state.schedules;
    this.#clock = clock;
  }

  put(batch: readonly SchedulePut[]): Promise<readonly (number | null)[]> {
    const revision = this.#schedules.revision + 1;
    const answer = batch.map(({ name, body, dueAt, expected }) => {
      const known = this.#schedules.get(name);
      const inForce = known?.revision ?? null;
      if (expected !== undefined && expected !== inForce) return null;
      const state = known?.state ?? "";
      this.#schedules.set({ name, body, dueAt, state, revision });
      this.#schedules.revision = revision;
      return revision;
    });
    return Promise.resolve(answer);
  }

  remove(names: readonly string[]): Promise<readonly boolean[]> {
    const removed = this.#schedules.delete(names);
    if (removed.includes(true)) this.#schedules.revision++;
    return Promise.resolve(removed);
  }

  fetch(names: readonly string[]): Promise<readonly (ScheduleRecord | null)[]> {
    return Promise.resolve(
      names.map((name) => this.#schedules.get(name) ?? null),
    );
  }

  list(after: string | null, limit: number): Promise<SchedulePage> {
    const found = this.#schedules.after(after, limit + 1);
    const records = found.slice(0, limit);
    const more = found.length > limit;
    const next = more ? records.at(-1)?.name ?? null : null;
    return Promise.resolve({ records, next });
  }

  fire(batch: readonly Firing[]): Promise<readonly boolean[]> {
    const now = this.#clock.now();
    return Promise.resolve(batch.map((firing) => this.#fireOne(firing, now)));
  }

  #fireOne(firing: Firing, now: number): boolean {
    const { name, revision, dueAt, nextAt, state, messages } = firing;
    const known = this.#schedules.get(name);
    if (known?.revision !== revision || known.dueAt !== dueAt) return false;
    this.#schedules.set({ ...known, dueAt: nextAt, state });
    for (const message of messages) addMessage(this.#state, message, now);
    return true;
  }

  lead(candidate: Candidate): Promise<Leadership> {
    const now = this.#clock.now();
    const { lead } = this.#schedules;
    if (lead === null || lead.id === candidate.id || !binds(lead, now)) {
      const { id, name, lease } = candidate;
      this.#schedules.lead = { id, name, lease, renewedAt: now };
    }
    return this.leader();
  }

  resign(id: string): Promise<void> {
    if (this.#schedules.lead?.id === id) this.#schedules.lead = null;
    return Promise.resolve();
  }

  leader(): Promise<Leadership> {
    const now = this.#clock.now();
    const { lead, revision } = this.#schedules;
    if (lead === null || !binds(lead, now)) {
      return Promise.resolve({ id: null, name: "", until: 0, now, revision });
    }
    const { id, name, lease, renewedAt } = lead;
    return Promise.resolve({
      ...{ id, name, until: renewedAt + lease },
      ...{ now, revision },
    });
  }
}

/** Whether a lease has begun, by a clock that may go back, and not ended. */
function binds({ renewedAt, lease }: Lead, now: number): boolean {
  return now >= renewedAt - TOLERANCE && now < renewedAt + lease;
}
