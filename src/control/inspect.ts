/**
 * Questions to workers: Celery's `app.control.inspect()`.
 *
 * @module
 */

import { ConfigError } from "../errors.ts";
import { show } from "../options.ts";
import type { InspectAnswers } from "./facts.ts";
import type { AskOptions, Remote } from "./remote.ts";
import type { Replies } from "./replies.ts";

/** The questions that there are. */
export type InspectMethod = keyof InspectAnswers;

/** Asks running workers: `app.control.inspect()`. Each answers for itself. */
export class Inspect {
  readonly #remote: Remote;
  readonly #options: AskOptions;

  /** Use `app.control.inspect()`. */
  constructor(remote: Remote, options: AskOptions) {
    this.#remote = remote;
    this.#options = options;
  }

  /** Who is there. */
  ping(): Promise<Replies<InspectAnswers["ping"]>> {
    return this.ask("ping");
  }

  /** What runs. */
  active(): Promise<Replies<InspectAnswers["active"]>> {
    return this.ask("active");
  }

  /** What was taken from the queue and waits for a slot. */
  reserved(): Promise<Replies<InspectAnswers["reserved"]>> {
    return this.ask("reserved");
  }

  /**
   * What waits in a worker for its turn under a rate limit. What waits for its
   * eta waits in the store: see `lovage status`.
   */
  scheduled(): Promise<Replies<InspectAnswers["scheduled"]>> {
    return this.ask("scheduled");
  }

  /** The tasks that each knows. */
  registered(): Promise<Replies<InspectAnswers["registered"]>> {
    return this.ask("registered");
  }

  /** Figures. */
  stats(): Promise<Replies<InspectAnswers["stats"]>> {
    return this.ask("stats");
  }

  /** What each has counted of its tasks since it was started. */
  taskFigures(): Promise<Replies<InspectAnswers["taskFigures"]>> {
    return this.ask("taskFigures");
  }

  /** The queues that each serves. */
  activeQueues(): Promise<Replies<InspectAnswers["activeQueues"]>> {
    return this.ask("activeQueues");
  }

  /** What each holds that was revoked. */
  revoked(): Promise<Replies<InspectAnswers["revoked"]>> {
    return this.ask("revoked");
  }

  /** Who holds these tasks, and how far they have come. */
  queryTask(
    ...ids: readonly string[]
  ): Promise<Replies<InspectAnswers["queryTask"]>> {
    return this.ask("queryTask", { ids });
  }

  /** Settings in force, secrets masked. */
  conf(): Promise<Replies<InspectAnswers["conf"]>> {
    return this.ask("conf");
  }

  /** Platform, versions and settings as text. */
  report(): Promise<Replies<InspectAnswers["report"]>> {
    return this.ask("report");
  }

  /**
   * What memory each holds now, its host processes included. Each keeps the
   * sample for {@linkcode Inspect.memdump}.
   */
  memsample(): Promise<Replies<InspectAnswers["memsample"]>> {
    return this.ask("memsample");
  }

  /**
   * The samples that were taken by {@linkcode Inspect.memsample} since the
   * last dump, up to 1,000 in each, which are forgotten then, and what is held
   * now.
   *
   * @param samples how many of them at most, evenly spread; 10 by default
   * @throws {ConfigError} for what is no whole number of at least 1
   */
  memdump(
    samples: number = 10,
  ): Promise<Replies<InspectAnswers["memdump"]>> {
    if (!Number.isInteger(samples) || samples < 1) {
      throw new ConfigError(
        `The number of samples must be a whole number of at least 1, but it is ${
          show(samples)
        }`,
      );
    }
    return this.ask("memdump", { samples });
  }

  /** The time of each machine, to see clocks that differ. */
  clock(): Promise<Replies<InspectAnswers["clock"]>> {
    return this.ask("clock");
  }

  /** Asks any of these. */
  ask<M extends InspectMethod>(
    command: M,
    args: Readonly<Record<string, unknown>> = {},
  ): Promise<Replies<InspectAnswers[M]>> {
    return this.#remote.ask({ command, args }, this.#options);
  }
}
