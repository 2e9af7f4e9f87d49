/**
 * The broker port: where messages wait, who holds them, and how they end.
 *
 * Terms:
 * - **message**: one task on its way, an encoded envelope with what a broker
 *   must know to order it.
 * - **live**: a message that is queued, scheduled (its eta lies ahead) or
 *   leased. An id is live at most once.
 * - **consumer**: one worker process. Leases belong to consumers; a consumer
 *   keeps all of them by one heartbeat.
 * - **token**: what fences a lease. A settlement whose token is not that of
 *   the current lease is stale and changes nothing.
 * - **loss**: a lease that lapsed because its consumer fell silent.
 *
 * @module
 */

import type { GroupEnd, GroupPlan } from "./groups.ts";
import type { Limit, UniqueKey } from "./limits.ts";
import type { ResultRecord } from "./result_backend.ts";

/** One task as a broker carries it. */
export interface Message {
  /** The task id. */
  readonly id: string;
  /** The name of the task, for people and queries. */
  readonly task: string;
  /** The queue that it waits in. */
  readonly queue: string;
  /** 0 to 9; 0 is served first. */
  readonly priority: number;
  /** Not to be delivered before this time (epoch ms); `null` is now. */
  readonly eta: number | null;
  /** The encoded envelope. A broker never looks into it. */
  readonly body: string;
  /**
   * Whether its id was made for it, so that nothing else can have that id: a
   * broker need not look for it. It is not kept. Defaults to `false`.
   */
  readonly fresh?: boolean;
  /**
   * What must have room before it is leased, all of it; the lease takes one of
   * each in the same step. One of a rate is taken for good; one of a
   * concurrency is given back when the lease ends, however it ends. At least
   * one when given, and no two of one kind and key. The message that is to be
   * leased says how much room there is, so that a limit can be changed.
   */
  readonly limits?: readonly Limit[] | undefined;
  /** A key that no other message may have. */
  readonly unique?: UniqueKey | undefined;
  /**
   * Whether it takes the place of the message of its id, if that waits: that
   * one becomes this one and arrives anew. Where that is leased, or where no
   * message of the id is live, this one is refused. It is not kept, and not
   * together with `fresh`. Defaults to `false`.
   */
  readonly replace?: boolean | undefined;
}

/** What is to be true together with messages. */
export interface PublishOptions {
  /**
   * The caller's own transaction to publish in, where the store has
   * `capabilities.transactions`: the messages exist if and only if it commits.
   */
  readonly transaction?: unknown;
  /**
   * Groups that begin with these messages, where the store is also the result
   * backend and has `capabilities.atomicSettlement`; otherwise absent. One
   * that is known already stays as it is.
   */
  readonly groups?: readonly GroupPlan[] | undefined;
}

/** A message under lease. */
export interface Delivery extends Message {
  /** Fences this lease. */
  readonly token: number;
  /** How often a lease of this message was lost before. */
  readonly losses: number;
  /** Set when the task was cancelled before or while it ran. */
  readonly cancelled: boolean;
}

/** What to reserve. */
export interface ReserveRequest {
  /** The id of the consumer that will hold the leases. */
  readonly consumer: string;
  /** The queues to take from; none is starved by another. */
  readonly queues: readonly string[];
  /** The most deliveries to return; at least 1. */
  readonly limit: number;
  /**
   * The most of them that have limits, since those are for starting at once;
   * 0 to `limit`. Defaults to `limit`.
   */
  readonly limited?: number | undefined;
  /** Whether to wait for work when there is none now. */
  readonly wait: boolean;
  /** Ends the wait; the call then returns an empty list. */
  readonly signal: AbortSignal;
  /**
   * Told of an error that kept some deliveries from a call that returns
   * others. One that has none to return throws it.
   */
  readonly failed?: ((error: unknown) => void) | undefined;
}

/** How a delivery ends. */
export type SettleAction =
  /** It is done. */
  | { readonly kind: "ack" }
  /** Back to its place; with `lost`, a loss is counted. */
  | { readonly kind: "release"; readonly lost?: boolean | undefined }
  /**
   * It lives on as this message of the same id (a retry); its losses and
   * whether it was cancelled stay.
   */
  | { readonly kind: "requeue"; readonly message: Message }
  /** It can never run: to the dead letters. */
  | {
    readonly kind: "dead";
    /** A short word for the kind of trouble: the name of an error class. */
    readonly reason: string;
    /** A sentence that says what was wrong. */
    readonly detail: string;
  };

/**
 * Everything that a finished delivery causes. It becomes true as a whole or
 * not at all.
 */
export interface Settlement {
  /** The id of the delivery. */
  readonly id: string;
  /** The token of the delivery. */
  readonly token: number;
  /** What happens to the message. */
  readonly action: SettleAction;
  /**
   * A record to store, when this store is also the result backend and has
   * `capabilities.atomicSettlement`; otherwise absent.
   */
  readonly result?: ResultRecord | undefined;
  /**
   * Messages that follow from it, once the delivery has ended. An id that is
   * live already is skipped, and so is one whose unique key another has.
   */
  readonly publish?: readonly Message[] | undefined;
  /**
   * Groups that begin with these messages, under the same condition as
   * {@linkcode Settlement.result}. A group that is known already stays as it
   * is.
   */
  readonly groups?: readonly GroupPlan[] | undefined;
  /**
   * The ends that this means for groups, under the same condition. Each is
   * counted once, as the delivery is settled once: a group whose last member
   * ends, or whose first one fails, is forgotten and its body published in
   * the same step. (A body whose id is live already is skipped.)
   */
  readonly ends?: readonly GroupEnd[] | undefined;
}

/** A worker process as the store knows it. */
export interface ConsumerInfo {
  /** Unique per start of a worker. */
  readonly id: string;
  /** The node name that people gave it, `worker@host`. */
  readonly name: string;
  /** Its leases lapse once it was silent for so long, in ms. */
  readonly lease: number;
  /** What it says about itself: queues, pool, concurrency, counters. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** A request to stop a task that this consumer holds. */
export interface Cancellation {
  /** The task. */
  readonly id: string;
  /** Whether to end it by force. */
  readonly terminate: boolean;
}

/** The answer to a heartbeat. */
export interface HeartbeatReply {
  /** False when the consumer was unknown: new, or reaped in the meantime. */
  readonly known: boolean;
  /** Cancellations of tasks that the consumer holds. */
  readonly cancellations: readonly Cancellation[];
}

/** A consumer whose leases lapsed. */
export interface ReapedConsumer {
  /** Its id. */
  readonly id: string;
  /** Its node name. */
  readonly name: string;
  /** The ids of the tasks that went back to their queues. */
  readonly returned: readonly string[];
}

/** A request to cancel a task. */
export interface CancelRequest {
  /** The task. */
  readonly id: string;
  /** Whether a running task is ended by force. */
  readonly terminate: boolean;
  /**
   * The record to store if the task is taken out of its queue, under the same
   * condition as {@linkcode Settlement.result}.
   */
  readonly result?: ResultRecord | undefined;
  /**
   * Until when an id that is not known yet is remembered (epoch ms), also
   * once it was delivered.
   */
  readonly rememberUntil: number;
  /**
   * Whether a task that waits is not taken out but stays, is ready at once
   * and is delivered as cancelled: for tasks whose end others wait for. The
   * outcome is then `running`, and no record is stored. Defaults to `false`.
   */
  readonly keep?: boolean;
}

/**
 * What a cancellation met: `removed` was waiting and is gone, `running` is
 * held by a consumer that will be told (or kept for one), `unknown` is not live
 * (it is remembered, so that a message of this id arrives cancelled).
 */
export type CancelOutcome = "removed" | "running" | "unknown";

/** Where messages wait, are leased and settled. */
export interface Broker {
  /**
   * Adds messages, all or none. Idempotent by id: a message whose id is live
   * is not added again; nor is one whose unique key another message has, also
   * one before it in the batch. Those are left out and change nothing. One
   * whose id is not live but has a record that ended starts over: the record is
   * dropped in the same step.
   *
   * @param options what else is to be true with them
   * @returns for each message whether it was added
   */
  publish(
    batch: readonly Message[],
    options?: PublishOptions,
  ): Promise<readonly boolean[]>;
  /**
   * Leases messages that are due: by priority, then in the order of arrival.
   * A message arrives when it is published, requeued, or when its eta comes;
   * one that is released keeps its place. A signal that is aborted already
   * takes nothing.
   * Queues share what is reserved fairly: a queue that has work gets its part
   * of every reservation.
   *
   * What a limit holds back holds up nothing else: neither messages without
   * limits behind it nor those whose limits have room; among messages of the
   * same limits, priority and arrival decide. Of one priority, messages with
   * limits may come before all others. A cancelled message passes all limits
   * and takes no room. Who waits is woken when a limit has room again for
   * something that waits. The work of a call grows neither with what is held
   * back nor with the number of keys.
   */
  reserve(request: ReserveRequest): Promise<readonly Delivery[]>;
  /**
   * Settles deliveries of one consumer, each as a whole, the batch together.
   *
   * @returns for each settlement whether its lease still held; what was
   * stale changed nothing
   */
  settle(
    consumer: string,
    batch: readonly Settlement[],
  ): Promise<readonly boolean[]>;
  /** Registers a consumer or renews its leases. */
  heartbeat(consumer: ConsumerInfo): Promise<HeartbeatReply>;
  /** Forgets a consumer and releases what it holds; no loss is counted. */
  leave(consumer: string): Promise<void>;
  /**
   * Takes the leases of silent consumers back and counts a loss on each
   * message. Of several processes that call this, one gets each consumer.
   */
  reap(): Promise<readonly ReapedConsumer[]>;
  /** Cancels tasks; the answer has the order of the request. */
  cancel(batch: readonly CancelRequest[]): Promise<readonly CancelOutcome[]>;
  /**
   * Pauses queues, or resumes them: of a paused one nothing is reserved, by
   * anybody, until it is resumed. It is stored. What is leased goes on, and
   * messages are published to it as ever. Who waits for a queue that is
   * resumed is woken; while none is paused, `reserve` does no more for it
   * than look whether there is one.
   */
  pause(queues: readonly string[], paused: boolean): Promise<void>;
  /**
   * The ids of the messages that have these unique keys, in the order of the
   * keys; also of one that is not live any more, while its key is not free.
   */
  holders(keys: readonly string[]): Promise<readonly (string | undefined)[]>;
  /** Drops all messages that wait in these queues, queued or scheduled. */
  purge(queues: readonly string[]): Promise<number>;
}
