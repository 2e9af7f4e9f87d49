/**
 * How a publish is tried again, for all of an app and at a call.
 *
 * @module
 */

import type { Duration } from "./message/time.ts";
import {
  type Check,
  checkOptions,
  type Checks,
  isDuration,
  isInteger,
  isObject,
} from "./options.ts";

/** How a publish is retried while the store does not answer. */
export interface RetryPolicy {
  /** Tries after the first. @default {3} */
  readonly maxRetries?: number | undefined;
  /** Pause before the first retry. @default {0} */
  readonly intervalStart?: Duration | undefined;
  /** What each further pause is longer by. @default {0.2} */
  readonly intervalStep?: Duration | undefined;
  /** The longest pause. @default {1} */
  readonly intervalMax?: Duration | undefined;
}

const RETRY_POLICY: Checks<RetryPolicy> = {
  maxRetries: isInteger(0),
  intervalStart: isDuration,
  intervalStep: isDuration,
  intervalMax: isDuration,
};

/** Accepts a {@linkcode RetryPolicy}. */
export const isRetryPolicy: Check = (value) => {
  if (isObject(value) !== null) return "an object";
  checkOptions("the retry policy", value as RetryPolicy, RETRY_POLICY);
  return null;
};
