/**
 * What a beat says when it starts.
 *
 * @module
 */

import { maskUrl } from "../printable.ts";
import type { CliApp } from "./app.ts";
import { span } from "../words.ts";
import { entriesText } from "./beat_text.ts";
import { facts } from "./table.ts";
import { VERSION } from "./version.ts";

/** What a beat is to do. Times are ms. */
export interface BeatPlan {
  /** The node name. */
  readonly hostname: string;
  /** How long it leads after each renewal. */
  readonly lease: number;
  /** How often it was asked to look at the store; `null` if it was not. */
  readonly wanted: number | null;
  /** The names of the entries of the app's code. */
  readonly entries: readonly string[];
}

/** What a beat is about to do. */
export interface BeatBanner {
  /** What has happened. */
  readonly event: "starting";
  /** The version of this package. */
  readonly version: string;
  /** The node name. */
  readonly beat: string;
  /** The id of the process. */
  readonly pid: number;
  /** The app's name. */
  readonly app: string;
  /** Where the app came from. */
  readonly module: string | null;
  /** Where tasks wait, and the schedule with them. */
  readonly broker: string;
  /** The names of the entries of the app's code. */
  readonly entries: readonly string[];
  /** How long it leads after each renewal, in ms. */
  readonly lease: number;
  /** The longest it goes without looking at the store, in ms. */
  readonly maxInterval: number;
  /** Where log lines go, and from which level. */
  readonly log: string;
  /** What an operator should know. */
  readonly warnings: readonly string[];
}

/** The banner of a beat. */
export function bannerOf(
  { internals, module }: CliApp,
  { hostname, lease, wanted, entries }: BeatPlan,
  { pid, log }: { readonly pid: number; readonly log: string },
): BeatBanner {
  const { store, brokerUrl } = internals.settings();
  // A lease that is renewed too late would be lost.
  const most = lease / 3;
  const maxInterval = Math.min(wanted ?? most, most);
  return {
    event: "starting",
    version: VERSION,
    beat: hostname,
    pid,
    app: internals.name,
    module,
    broker: store?.address ?? maskUrl(brokerUrl),
    entries,
    lease,
    maxInterval,
    log,
    warnings: wanted === null || wanted <= most ? [] : [
      `It looks at the store every ${span(most)}, not every ${
        span(wanted)
      }: a third of its lease is the most. For longer, raise beatLease`,
    ],
  };
}

/** The banner for people. */
export function bannerText(banner: BeatBanner): string {
  const { lease, maxInterval } = banner;
  const lines = facts([
    ["app", `${banner.app} (${banner.module})`],
    ["broker", banner.broker],
    ["schedule", entriesText(banner.entries)],
    [
      "lease",
      `${span(lease)}, renewed every ${span(maxInterval)} at the latest`,
    ],
    ["log", banner.log],
    ["pid", String(banner.pid)],
  ]);
  return [
    `Lovage ${banner.version} beat ${banner.beat}`,
    lines,
    ...banner.warnings.map((each) => `Warning: ${each}`),
  ].join("\n");
}
