/**
 * What may hold messages back or refuse them: limits on how many are leased,
 * and keys that only one message has.
 *
 * Both belong to messages and are counted by the store, so that they hold for
 * all workers together; a store does nothing for messages that have neither.
 *
 * @module
 */

/** How often or how many at once; messages that name the same key share it. */
export type Limit = RateLimit | ConcurrencyLimit;

/** A limit: so many messages of a key are leased within any span of time. */
export interface RateLimit {
  /** What kind of limit it is. */
  readonly kind: "rate";
  /** What is counted. Rates and concurrencies have keys of their own. */
  readonly key: string;
  /** The most leases within any {@linkcode RateLimit.per} ms; at least 1. */
  readonly most: number;
  /** The span, in ms of the store's clock. */
  readonly per: number;
}

/** A limit: so many messages of a key are leased at a time. */
export interface ConcurrencyLimit {
  /** What kind of limit it is. */
  readonly kind: "concurrency";
  /** What is counted. Rates and concurrencies have keys of their own. */
  readonly key: string;
  /** The most leases at a time; at least 1. */
  readonly most: number;
}

/**
 * A key that only one message has. A message that goes back to its queue,
 * released, requeued or reaped, while another one has its key goes back
 * without it. It is not refused there, since then it would be lost.
 */
export interface UniqueKey {
  /** The key. */
  readonly key: string;
  /**
   * When it is free again (epoch ms), whatever has become of the message by
   * then; `null` is once the message is not live any more.
   */
  readonly until: number | null;
  /**
   * Whether it is free while the message is leased: then the key says that
   * one waits, not that one is live. Not together with `until`. Defaults to
   * `false`.
   */
  readonly waiting?: boolean | undefined;
}

/** How a limit stands. */
export interface LimitState {
  /**
   * Who has the leases that count, of a concurrency, in no order and no more
   * than 100; of a rate nobody, since its leases may have ended.
   */
  readonly holders: readonly string[];
  /** How many leases count: at this time, or within the last span. */
  readonly taken: number;
  /**
   * When there is room (epoch ms): a time that has come, or one that lies
   * ahead for a rate; `null` when that depends on others, as for a
   * concurrency.
   */
  readonly opensAt: number | null;
}
