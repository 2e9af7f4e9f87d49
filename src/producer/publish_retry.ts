/**
 * Tries a publish again while the store does not answer.
 *
 * @module
 */

import type { RetryPolicy } from "../retry_policy.ts";
import { parseDuration } from "../message/time.ts";

/** The pauses of a policy between its tries, in ms. */
export function retryPauses(policy: RetryPolicy): readonly number[] {
  const start = parseDuration(policy.intervalStart ?? 0, "intervalStart");
  const step = parseDuration(policy.intervalStep ?? 0.2, "intervalStep");
  const max = parseDuration(policy.intervalMax ?? 1, "intervalMax");
  return Array.from(
    { length: policy.maxRetries ?? 3 },
    (_, index) => Math.min(start + index * step, max),
  );
}

/**
 * Publishes, and again after the pauses of the policy.
 *
 * @throws the error of the last try, or the first that is not worth another
 */
export function publishRetrying<T>(
  publish: () => Promise<T>,
  policy: RetryPolicy,
  isWorthAnother: (error: unknown) => boolean,
): Promise<T> {
  return publish().catch((error) => {
    if (!isWorthAnother(error)) throw error;
    return retry(publish, retryPauses(policy), isWorthAnother, error);
  });
}

async function retry<T>(
  publish: () => Promise<T>,
  pauses: readonly number[],
  isWorthAnother: (error: unknown) => boolean,
  firstError: unknown,
): Promise<T> {
  let lastError = firstError;
  for (const ms of pauses) {
    await new Promise((resolve) => setTimeout(resolve, ms));
    try {
      return await publish();
    } catch (error) {
      if (!isWorthAnother(error)) throw error;
      lastError = error;
    }
  }
  throw lastError;
}
