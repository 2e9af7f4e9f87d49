/**
 * Reserves from the shards of a cluster, each in its turn.
 *
 * @module
 */

import type {
  Clock,
  Delivery,
  ReserveRequest,
} from "../../../src/contracts/mod.ts";
import { further } from "../../_lease/further.ts";
import { type Source, unlessClosed, waitForWork } from "../wait.ts";
import { unscoped } from "./scope.ts";
import { type Shard, shardAt, shardOf, SHARDS, tokenOf } from "./shards.ts";

/** What a shard answers that has nothing. */
const NOTHING = { deliveries: [], nextDue: null };

interface ShardSource extends Source {
  readonly index: number;
}

/** Takes deliveries of any shard. */
export class ClusterReserver {
  readonly #shards: readonly Shard[];
  readonly #clock: Clock;
  readonly #closed = new AbortController();
  #lastServed = 0;

  constructor(shards: readonly Shard[], clock: Clock) {
    this.#shards = shards;
    this.#clock = clock;
  }

  /** Takes what is ready; where that is nothing, waits if asked to. */
  async reserve(request: ReserveRequest): Promise<readonly Delivery[]> {
    const { queues, signal } = request;
    const sources = this.#sources(queues);
    const closed = this.#closed.signal;
    const taken = await unlessClosed(
      closed,
      this.#takeInTurn(sources, request),
    );
    if (taken.length > 0 || !request.wait || signal.aborted) {
      // Who came first is known within a shard only.
      const place = ({ queue }: Delivery) => queues.indexOf(queue);
      return taken.toSorted((a, b) =>
        a.priority - b.priority ||
        (shardOf(a.queue) === shardOf(b.queue) ? 0 : place(a) - place(b))
      );
    }
    return await waitForWork({
      sources,
      request,
      clock: this.#clock,
      closed,
      finish: (deliveries, source) => this.#finish(deliveries, source),
    });
  }

  /** Ends every wait. */
  close(): void {
    this.#closed.abort();
  }

  /** Each shard in turn gives its share of what is still missing. */
  async #takeInTurn(
    sources: readonly Source[],
    request: ReserveRequest,
  ): Promise<Delivery[]> {
    const { signal, limit } = request;
    const taken: Delivery[] = [];
    let active = sources;
    while (taken.length < limit && active.length > 0) {
      const share = Math.max(
        1,
        Math.floor((limit - taken.length) / active.length),
      );
      const still: Source[] = [];
      for (const source of active) {
        const count = Math.min(share, limit - taken.length);
        if (count === 0 || signal.aborted || this.#closed.signal.aborted) {
          return taken;
        }
        const part = { ...request, queues: source.queues, limit: count };
        const { deliveries } = await further(
          part,
          taken.length,
          () => source.reserver.take(part),
          NOTHING,
        );
        taken.push(...this.#finish(deliveries, source));
        if (deliveries.length === count) still.push(source);
      }
      active = still;
    }
    return taken;
  }

  /** The shards of these queues, in turn. */
  #sources(queues: readonly string[]): ShardSource[] {
    const byShard = new Map<number, string[]>();
    for (const queue of new Set(queues)) {
      const index = shardOf(queue);
      byShard.set(index, [...byShard.get(index) ?? [], queue]);
    }
    const turn = (index: number) =>
      (index - this.#lastServed - 1 + SHARDS) % SHARDS;
    return [...byShard].sort(([a], [b]) => turn(a) - turn(b))
      .map(([index, some]) => {
        const { broker } = shardAt(this.#shards, index);
        return { ...broker.source(some), index };
      });
  }

  /** Tokens say which shard they are of. */
  #finish(deliveries: readonly Delivery[], source: Source): Delivery[] {
    const { index } = source as ShardSource;
    if (deliveries.length > 0) this.#lastServed = index;
    return deliveries.map((one) => (
      { ...unscoped(one), token: tokenOf(one.token, index) }
    ));
  }
}
