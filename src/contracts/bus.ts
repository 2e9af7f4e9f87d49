/**
 * The bus port: short messages between the processes that share a store.
 *
 * @module
 */

/** Called with each payload of a topic. */
export type BusListener = (payload: string) => void;

/**
 * Broadcast between processes, best effort: nothing may depend on a payload
 * arriving. What must hold is stored, and the bus only says "look now".
 */
export interface Bus {
  /** Sends a payload to every subscriber of a topic, in every process. */
  broadcast(topic: string, payload: string): Promise<void>;
  /**
   * Calls the listener with each payload of a topic from now on. Of a store
   * that is spread over several servers it may also hear what was broadcast
   * just before and is on its way between those.
   *
   * @returns a function that ends the subscription
   */
  subscribe(topic: string, listener: BusListener): Promise<() => void>;
}
