/**
 * How an isolate calls the store of its worker: messages as JSON text.
 *
 * @module
 */

/** What an isolate asks for. */
export type StoreRequest =
  /** Call a method. */
  | {
    readonly id: number;
    readonly port: StorePort;
    readonly method: string;
    readonly args: readonly unknown[];
  }
  /** Begin a subscription; its number is that of the request. */
  | {
    readonly id: number;
    readonly subscribe: "results";
  }
  | {
    readonly id: number;
    readonly subscribe: "bus";
    readonly topic: string;
  }
  /** End the subscription of this number. */
  | { readonly unsubscribe: number };

/** What the worker answers. */
export type StoreReply =
  /** A request succeeded. */
  | { readonly id: number; readonly value?: unknown }
  /** A request failed. */
  | { readonly id: number; readonly error: StoreFault }
  /** A subscription has something to say. */
  | { readonly subscription: number; readonly event: unknown };

/** An error of the store. */
export interface StoreFault {
  /** The name of its class. */
  readonly name: string;
  /** Its message. */
  readonly message: string;
  /** Whether the same call may succeed later, where the error says so. */
  readonly transient?: boolean | undefined;
  /** Whether the call may have been carried out, where the error says so. */
  readonly inDoubt?: boolean | undefined;
}

/** The ports that can be called. */
export type StorePort =
  | "broker"
  | "results"
  | "scheduler"
  | "bus"
  | "inspector"
  | "deadLetters"
  | "history";

/** What tasks may call. Leases of messages are the worker's business alone. */
export const STORE_METHODS: Readonly<Record<StorePort, readonly string[]>> = {
  broker: ["publish", "cancel", "pause", "purge", "reap", "holders"],
  results: [
    ...["store", "fetch", "forget", "query", "countByState", "expire"],
    ...["openGroups", "endMembers"],
  ],
  scheduler: [
    ...["put", "remove", "fetch", "list", "fire"],
    ...["lead", "resign", "leader"],
  ],
  bus: ["broadcast"],
  inspector: ["find", "tasks", "limits", "queues", "consumers"],
  deadLetters: ["list", "redrive", "purge"],
  history: ["add", "read"],
};
