/**
 * Groups that something waits for: the header of a chord, which a store
 * counts down, and the body that it publishes then.
 *
 * @module
 */

import type { Message } from "./broker.ts";

/** A group, and the message that waits for its members. */
export interface GroupPlan {
  /** The id of the group. */
  readonly id: string;
  /** How many members it has; at least 1. */
  readonly size: number;
  /**
   * What is published once all members have ended well, or as soon as one has
   * failed: whoever runs it looks at the members and says which.
   */
  readonly body: Message;
  /** When it may be dropped (epoch ms), whatever is left; `null` is never. */
  readonly expiresAt: number | null;
}

/** The end of a member of a group, which counts it. */
export interface GroupEnd {
  /** The id of the group. One that is not known is nothing. */
  readonly group: string;
  /** The place of the member in it, from 0. */
  readonly index: number;
  /** Whether it failed, so that nothing else need be waited for. */
  readonly failed: boolean;
}
