/**
 * A worker's pieces as what can be seen and steered from afar.
 *
 * @module
 */

import type { AutoscaleRange } from "../../control/autoscale.ts";
import type { TaskFigures, WorkerStats } from "../../control/facts.ts";
import type { AnyTask } from "../../task.ts";
import type { Holding } from "../in_flight.ts";
import type { Machinery } from "../machinery.ts";
import { MemorySamples } from "../memory_samples.ts";
import { statsOf } from "./stats.ts";
import type { Steered } from "./steered.ts";

/**
 * Lets a worker be steered.
 *
 * @param shutDown stops it warmly; returns at once
 */
export function steeredWorker(
  worker: Machinery,
  shutDown: () => void,
): Steered {
  const { executor, pool, autoscaler, consumer, heartbeat } = worker;
  const { app, plan, platform, memory } = worker.parts;
  const clock = app.clock();
  const now = () => clock.now();
  return {
    hostname: plan.hostname,
    settings: plan.settings,
    platform,
    memory: new MemorySamples({
      now,
      own: memory,
      hosts: () => pool.measure(),
    }),
    get now(): number {
      return now();
    },
    get stats(): WorkerStats {
      return statsOf(worker);
    },
    get figures(): Readonly<Record<string, TaskFigures>> {
      return executor.figures;
    },
    get holdings(): readonly Holding[] {
      return executor.holdings;
    },
    get queues(): readonly string[] {
      return consumer.queues;
    },
    get concurrency(): number {
      return worker.demand.slots;
    },
    get autoscale(): AutoscaleRange | null {
      return autoscaler.range;
    },
    get tasks(): readonly AnyTask[] {
      return [...app.tasks.values()];
    },
    serve: async (queues) => {
      await consumer.serve(queues);
      await heartbeat.beat();
    },
    resize: (slots) => {
      pool.resize(slots);
      return hold(worker, slots);
    },
    scale: (range) => {
      autoscaler.set(range, pool.slots);
      // It takes what the largest pool can run: the pool follows at once.
      return hold(worker, range.max);
    },
    restartPool: () => pool.restart(),
    override: (task, overrides) => worker.holder.override(task, overrides),
    tellEvents: (on) => worker.monitor.force(on),
    beat: () => {
      worker.monitor.beatNow();
      return heartbeat.beat();
    },
    shutDown,
  };
}

/** Takes tasks for so many slots from now on. */
function hold(
  { demand, consumer, heartbeat }: Machinery,
  slots: number,
): Promise<void> {
  demand.resize(slots);
  consumer.look();
  return heartbeat.beat();
}
