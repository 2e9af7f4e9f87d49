/**
 * Results, inspector and dead letters over the shards of a cluster. Lists of
 * several shards are merged by time, as far as there is one.
 *
 * @module
 */

import type {
  ConsumerStats,
  DeadLetter,
  DeadLetters,
  EndedListener,
  GroupEnd,
  GroupPlan,
  Inspector,
  Limit,
  LimitState,
  LiveFilter,
  LiveTask,
  Message,
  Page,
  PageRequest,
  QueueStats,
  ResultBackend,
  ResultFilter,
  ResultRecord,
} from "../../../src/contracts/mod.ts";
import { mergePages } from "./pages.ts";
import { unscoped } from "./scope.ts";
import { scatter, type Shard, shardAt, shardOf } from "./shards.ts";

/** Results in a cluster. A group is in the shard of its id. */
export class ClusterResults implements ResultBackend {
  readonly #shards: readonly Shard[];

  constructor(shards: readonly Shard[]) {
    this.#shards = shards;
  }

  async store(batch: readonly ResultRecord[]): Promise<void> {
    await scatter(batch, ({ id }) => shardOf(id), async (index, part) => {
      await this.#at(index).store(part);
      return [];
    });
  }

  fetch(
    ids: readonly string[],
  ): Promise<readonly (ResultRecord | undefined)[]> {
    return scatter(
      ids,
      shardOf,
      (index, part) => this.#at(index).fetch(part),
    );
  }

  async subscribe(listener: EndedListener): Promise<() => void> {
    const ends = await Promise.all(
      this.#shards.map(({ results }) => results.subscribe(listener)),
    );
    return () => ends.forEach((end) => end());
  }

  async forget(ids: readonly string[]): Promise<void> {
    await scatter(ids, shardOf, async (index, part) => {
      await this.#at(index).forget(part);
      return [];
    });
  }

  query(filter: ResultFilter, page: PageRequest): Promise<Page<ResultRecord>> {
    return mergePages(
      this.#shards.map(({ results }) => (one) => results.query(filter, one)),
      page,
      (a, b) => b.updatedAt - a.updatedAt,
    );
  }

  async countByState(): Promise<Readonly<Record<string, number>>> {
    const total: Record<string, number> = {};
    const all = this.#shards.map(({ results }) => results.countByState());
    for (const counts of await Promise.all(all)) {
      for (const [state, count] of Object.entries(counts)) {
        total[state] = (total[state] ?? 0) + count;
      }
    }
    return total;
  }

  async expire(limit: number): Promise<number> {
    let total = 0;
    for (const { results } of this.#shards) {
      if (total < limit) total += await results.expire(limit - total);
    }
    return total;
  }

  async openGroups(plans: readonly GroupPlan[]): Promise<void> {
    await scatter(plans, ({ id }) => shardOf(id), async (index, part) => {
      await this.#at(index).openGroups(part);
      return [];
    });
  }

  async endMembers(ends: readonly GroupEnd[]): Promise<readonly Message[]> {
    const bodies: Message[] = [];
    await scatter(ends, ({ group }) => shardOf(group), async (index, part) => {
      bodies.push(...await this.#at(index).endMembers(part));
      return [];
    });
    return bodies;
  }

  #at(index: number): ResultBackend {
    return shardAt(this.#shards, index).results;
  }
}

/** Views of what is in a cluster. */
export class ClusterInspector implements Inspector {
  readonly #shards: readonly Shard[];

  constructor(shards: readonly Shard[]) {
    this.#shards = shards;
  }

  async find(
    ids: readonly string[],
  ): Promise<readonly (LiveTask | undefined)[]> {
    const all = await Promise.all(
      this.#shards.map(({ inspector }) => inspector.find(ids)),
    );
    return ids.map((_, at) => {
      const one = all.map((found) => found[at]).find((one) => one);
      return one && unscoped(one);
    });
  }

  async tasks(
    filter: LiveFilter,
    page: PageRequest,
  ): Promise<Page<LiveTask>> {
    const { queue } = filter;
    const shards = queue === undefined
      ? this.#shards
      : this.#shards.slice(shardOf(queue), shardOf(queue) + 1);
    const { items, cursor } = await mergePages(
      shards.map(({ inspector }) => (one) => inspector.tasks(filter, one)),
      page,
      (a, b) => filter.status === "scheduled" ? (a.eta ?? 0) - (b.eta ?? 0) : 0,
    );
    return { items: items.map(unscoped), cursor };
  }

  /** Of several queues, each with its own count, the one with the least room. */
  async limits(limits: readonly Limit[]): Promise<readonly LimitState[]> {
    const all = await Promise.all(
      this.#shards.map(({ inspector }) => inspector.limitsInQueues(limits)),
    );
    const states = all.flat();
    return limits.map((_, at) =>
      states.map((each) => each[at]).filter((one) => one !== undefined)
        .reduce((a, b) => isTighter(b, a) ? b : a)
    );
  }

  async queues(): Promise<readonly QueueStats[]> {
    const all = await Promise.all(
      this.#shards.map(({ inspector }) => inspector.queues()),
    );
    return all.flat().sort((a, b) => a.queue < b.queue ? -1 : 1);
  }

  async consumers(): Promise<readonly ConsumerStats[]> {
    const all = await Promise.all(
      this.#shards.map(({ inspector }) => inspector.consumers()),
    );
    const byId = new Map<string, ConsumerStats>();
    for (const one of all.flat()) {
      const held = one.held + (byId.get(one.id)?.held ?? 0);
      byId.set(one.id, { ...one, held });
    }
    return [...byId.values()].sort((a, b) => a.name < b.name ? -1 : 1);
  }
}

/** Whether a limit has less room, or as much and more that count. */
function isTighter(a: LimitState, b: LimitState): boolean {
  const [x, y] = [a.opensAt ?? Infinity, b.opensAt ?? Infinity];
  return x === y ? a.taken > b.taken : x > y;
}

/** Dead letters in a cluster; their keys begin with their shards. */
export class ClusterDeadLetters implements DeadLetters {
  readonly #shards: readonly Shard[];

  constructor(shards: readonly Shard[]) {
    this.#shards = shards;
  }

  async list(page: PageRequest): Promise<Page<DeadLetter>> {
    return await mergePages(
      this.#shards.map(({ index, deadLetters }) => async (one) => {
        const { items, cursor } = await deadLetters.list(one);
        const keyed = items.map((item) => (
          { ...unscoped(item), key: `${index}-${item.key}` }
        ));
        return { items: keyed, cursor };
      }),
      page,
      (a, b) => b.diedAt - a.diedAt,
    );
  }

  redrive(keys: readonly string[] | null): Promise<number> {
    return this.#each(keys, (letters, own) => letters.redrive(own));
  }

  purge(keys: readonly string[] | null): Promise<number> {
    return this.#each(keys, (letters, own) => letters.purge(own));
  }

  async #each(
    keys: readonly string[] | null,
    work: (letters: DeadLetters, own: string[] | null) => Promise<number>,
  ): Promise<number> {
    const counts = this.#shards.map(({ index, deadLetters }) => {
      const own = keys?.filter((key) => key.startsWith(`${index}-`))
        .map((key) => key.slice(key.indexOf("-") + 1)) ?? null;
      return own?.length === 0 ? 0 : work(deadLetters, own);
    });
    return (await Promise.all(counts)).reduce((sum, one) => sum + one, 0);
  }
}
