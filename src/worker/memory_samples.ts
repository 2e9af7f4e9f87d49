/**
 * What memory a worker holds, sampled when it is asked to: how that grows
 * says whether tasks leak.
 *
 * @module
 */

import type { HostMemory, MemoryDump, MemorySample } from "../control/facts.ts";

/** So many are kept; older ones give way. */
const MOST_KEPT = 1_000;

/** Where samples come from. */
export interface MemorySources {
  /** The time, epoch ms. */
  readonly now: () => number;
  /** The worker's own process. */
  readonly own: () => Pick<MemorySample, "rss" | "heapUsed" | "heapTotal">;
  /** Its host processes. */
  readonly hosts: () => Promise<readonly HostMemory[]>;
}

/** The samples of one worker. */
export class MemorySamples {
  readonly #sources: MemorySources;
  #samples: MemorySample[] = [];

  /** There are none yet. */
  constructor(sources: MemorySources) {
    this.#sources = sources;
  }

  /** Takes one and keeps it. */
  async take(): Promise<MemorySample> {
    const sample = await this.#measure();
    this.#samples.push(sample);
    if (this.#samples.length > MOST_KEPT) this.#samples.shift();
    return sample;
  }

  /**
   * What was kept, the oldest first, and what is held now. The next dump
   * begins anew.
   *
   * @param most of more than these only so many are told, evenly spread
   */
  async dump(most: number): Promise<MemoryDump> {
    const now = await this.#measure();
    const taken = this.#samples;
    this.#samples = [];
    return { samples: spread(taken, most), now };
  }

  async #measure(): Promise<MemorySample> {
    const { now, own, hosts } = this.#sources;
    return { at: now(), ...own(), hosts: await hosts() };
  }
}

/** So many of a list, its first and its last among them. */
function spread<T>(list: readonly T[], most: number): readonly T[] {
  if (list.length <= most) return list;
  if (most === 1) return list.slice(-1);
  const step = (list.length - 1) / (most - 1);
  return Array.from(
    { length: most },
    (_, index) => list[Math.round(index * step)] as T,
  );
}
