/**
 * The entries that an app's code writes: `beatSchedule` and
 * `addPeriodicTask()`.
 *
 * @module
 */

import { ScheduleError } from "../errors.ts";
import type { Internals } from "../internals.ts";
import type { AnySignature } from "../producer/signature.ts";
import type { BeatSchedule, EntryInput, EntryOptions } from "./entry.ts";
import type { EntryJson } from "./entry_json.ts";
import type { ScheduleLike } from "./timing/to_schedule.ts";
import {
  checkEntryArguments,
  checkEntryTask,
  writeEntry,
} from "./write_entry.ts";

/** What {@linkcode StaticEntries.add} takes. */
export interface PeriodicTaskOptions extends EntryOptions {
  /** The entry's name. Defaults to the task's. */
  readonly name?: string | undefined;
}

/** Holds the entries of an app's code. */
export class StaticEntries {
  readonly #app: Internals;
  readonly #added = new Map<string, EntryInput>();

  /** There are none yet but those of the setting. */
  constructor(app: Internals) {
    this.#app = app;
  }

  /**
   * Adds one.
   *
   * @returns its name
   * @throws {ScheduleError} when it will not do, or there is one of its name
   */
  add(
    schedule: ScheduleLike,
    signature: AnySignature,
    { name = signature.task, ...options }: PeriodicTaskOptions,
  ): string {
    const input = { ...options, schedule, task: signature };
    writeEntry(this.#app, name, input, 0);
    const { beatSchedule } = this.#app.settings();
    if (this.#added.has(name) || Object.hasOwn(beatSchedule, name)) {
      throw new ScheduleError(
        `The app has a schedule entry "${name}" already: give this one a name of its own, addPeriodicTask(schedule, signature, { name })`,
      );
    }
    this.#added.set(name, input);
    return name;
  }

  /**
   * Refuses what will not do in the setting `beatSchedule`.
   *
   * @throws {ScheduleError} naming the entry and what is wrong with it
   */
  check(entries: BeatSchedule): void {
    for (const [name, input] of Object.entries(entries)) {
      writeEntry(this.#app, name, input, 0);
    }
  }

  /**
   * What is kept of each, by name.
   *
   * @throws {ScheduleError} when one names a task that the app does not have
   * @throws {ValidationError} for arguments that its schema refuses
   */
  async all(now: number): Promise<ReadonlyMap<string, EntryJson>> {
    const inputs = [
      ...Object.entries(this.#app.settings().beatSchedule),
      ...this.#added,
    ];
    const all = new Map<string, EntryJson>();
    for (const [name, input] of inputs) {
      const json = writeEntry(this.#app, name, input, now);
      checkEntryTask(this.#app, name, json);
      await checkEntryArguments(this.#app, json);
      all.set(name, { ...json, app: this.#app.name });
    }
    return all;
  }
}
