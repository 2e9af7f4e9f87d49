/**
 * The ports of Lovage: what a store must offer to carry tasks. Types only.
 *
 * A third-party adapter implements {@linkcode Store} and proves itself with
 * the suites in `@lovage/lovage/conformance`.
 *
 * @example A store that is a known one but for its bus
 * ```ts
 * import type { Bus, Store } from "@lovage/lovage/contracts";
 * import { memoryStore } from "@lovage/lovage/memory";
 *
 * export function myStore(bus: Bus): Store {
 *   const memory = memoryStore();
 *   return {
 *     scheme: "mine",
 *     address: "mine://",
 *     capabilities: memory.capabilities,
 *     warnings: [],
 *     migrations: null,
 *     broker: memory.broker,
 *     results: memory.results,
 *     scheduler: memory.scheduler,
 *     bus,
 *     inspector: memory.inspector,
 *     deadLetters: memory.deadLetters,
 *     history: memory.history,
 *     open: () => memory.open(),
 *     close: () => memory.close(),
 *   };
 * }
 * ```
 *
 * @module
 */

export type * from "./broker.ts";
export type * from "./bus.ts";
export type * from "./clock.ts";
export type * from "./dead_letters.ts";
export type * from "./groups.ts";
export type * from "./history.ts";
export type * from "./inspector.ts";
export type * from "./limits.ts";
export type * from "./migrations.ts";
export type * from "./result_backend.ts";
export type * from "./scheduler.ts";
export type * from "./schema.ts";
export type * from "./store.ts";
