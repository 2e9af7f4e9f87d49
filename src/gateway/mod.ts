/**
 * The HTTP gateway: tasks are sent, and results fetched, by those who cannot
 * reach the store, with tokens that say which tasks and queues they are for.
 *
 * @module
 */

export { gateway, type GatewayHandler } from "./gateway.ts";
export type { GatewayOptions, GatewayToken } from "./options.ts";
