/**
 * How one look tells whether limits are in use.
 *
 * @module
 */

/**
 * What stands among the paused queues while limits are in use, so that one
 * look tells of both. No queue has such a name.
 */
export const LIMITS_MARK = "\u0001limits";
