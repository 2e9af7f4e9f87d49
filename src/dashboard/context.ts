/**
 * What the routes of the dashboard share.
 *
 * @module
 */

import type { Lovage } from "../app.ts";
import type { Internals } from "../internals.ts";
import type { OpenStores } from "../producer/stores.ts";
import type { DashboardData } from "./data/types/data.ts";
import type { ResolvedOptions, Viewer } from "./options.ts";
import type { Trouble } from "./trouble.ts";

/** One dashboard. */
export interface DashboardContext {
  /** The app that it shows. */
  readonly app: Lovage;
  /** Its parts. */
  readonly internals: Internals;
  /** The options in force. */
  readonly options: ResolvedOptions;
  /** The answers that pages and API show. */
  readonly data: DashboardData;
  /** What is to end with the dashboard. */
  readonly closing: {
    /** Adds something; returns a function that takes it out again. */
    add(end: () => void | Promise<void>): () => void;
    /** Ends all of it. */
    close(): Promise<void>;
  };
  /** What is known of a store that does not answer. */
  readonly trouble: Trouble;
  /** The opened stores. */
  stores(): Promise<OpenStores>;
  /** The current time, epoch ms. */
  now(): number;
  /** The path as browsers see it: `/tasks` is `/ops/tasks` under `/ops`. */
  url(path: string): string;
}

/** What a request knows: for `new Hono<DashboardEnv>()`. */
export interface DashboardEnv {
  /** What middleware has found out. */
  Variables: {
    /** Who sends the request. */
    viewer: Required<Viewer>;
    /** What the action before this page came to; it is shown once. */
    notice: Notice | null;
  };
}

/** What an action came to, for the next page. */
export interface Notice {
  /** Whether it was done. */
  readonly ok: boolean;
  /** A sentence. */
  readonly text: string;
}
