/**
 * Sentry: errors, traces and cron monitors of tasks.
 *
 * @example In the module that makes the app
 * ```ts ignore
 * import * as Sentry from "npm:@sentry/deno";
 * import { Lovage } from "@lovage/lovage";
 * import { sentry } from "@lovage/lovage/sentry";
 *
 * Sentry.init({ dsn: Deno.env.get("SENTRY_DSN") });
 *
 * export const app = new Lovage("shop");
 * sentry(app, Sentry);
 * ```
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
