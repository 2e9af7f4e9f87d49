/**
 * What the data room reads from.
 *
 * @module
 */

import type { DashboardContext } from "../context.ts";

/** A dashboard without its data. */
export type DataSource = Omit<DashboardContext, "data">;
