/**
 * What of a worker can be seen and steered from afar.
 *
 * @module
 */

import type { AutoscaleRange } from "../../control/autoscale.ts";
import type { Settings } from "../../settings.ts";
import type { TaskFigures, WorkerStats } from "../../control/facts.ts";
import type { AnyTask } from "../../task.ts";
import type { Holding } from "../in_flight.ts";
import type { TaskOverrides } from "../holder.ts";
import type { MemorySamples } from "../memory_samples.ts";

/** A worker as those see it who steer it. */
export interface Steered {
  /** Its node name. */
  readonly hostname: string;
  /** Its settings. */
  readonly settings: Settings;
  /** Its time, epoch ms. */
  readonly now: number;
  /** What it runs on. */
  readonly platform: Readonly<Record<string, string>>;
  /** Its figures. */
  readonly stats: WorkerStats;
  /** What memory it holds and has held. */
  readonly memory: MemorySamples;
  /** What it has counted, by task. */
  readonly figures: Readonly<Record<string, TaskFigures>>;
  /** What it holds. */
  readonly holdings: readonly Holding[];
  /** The tasks that its app's users have written. */
  readonly tasks: readonly AnyTask[];
  /** The queues that it serves. */
  readonly queues: readonly string[];
  /** How many tasks run at a time; with `autoscale`, at most. */
  readonly concurrency: number;
  /** The range of its pool; `null` where it has a fixed size. */
  readonly autoscale: AutoscaleRange | null;
  /** Serves these queues from now on; resolves when the store knows. */
  serve(queues: readonly string[]): Promise<void>;
  /** Runs so many tasks at a time from now on; resolves when the store knows. */
  resize(slots: number): Promise<void>;
  /** Has the pool follow the work; resolves when the store knows. */
  scale(range: AutoscaleRange): Promise<void>;
  /**
   * Replaces what tasks run in, so that their code is loaded anew.
   *
   * @throws {ConfigError} when its pool cannot
   */
  restartPool(): void;
  /** Sets something for a task until it ends. */
  override(task: string, overrides: TaskOverrides): void;
  /** Tells events also while nobody watches, or not any more. */
  tellEvents(on: boolean): void;
  /** Tells watchers and the store now how it is doing. */
  beat(): Promise<void>;
  /** Stops warmly; returns at once. */
  shutDown(): void;
}
