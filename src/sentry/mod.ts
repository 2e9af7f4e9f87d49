/**
 * Sentry: errors, traces and cron monitors of tasks.
 *
 * @module
 */

export { sentry, type SentryOptions } from "./sentry.ts";
export type {
  SentrySchedule,
  SentryScope,
  SentrySdk,
  SentrySpan,
} from "./sdk.ts";
