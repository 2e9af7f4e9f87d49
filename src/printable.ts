/**
 * Settings and URLs as people may see them.
 *
 * @module
 */

import type { Store } from "./contracts/store.ts";
import { show } from "./options.ts";
import type { Settings } from "./settings.ts";

/** A URL as people may see it: passwords, tokens and keys are masked. */
export function maskUrl(url: string): string {
  // A password may hold anything, also what ought to be escaped.
  return url.replace(/(:\/\/[^/@:?#]*):[^?#]*@/, "$1:***@").replace(
    /([?&][^=&#]*(?:pass|secret|token|key)[^=&#]*=)[^&#]*/gi,
    "$1***",
  );
}

/** The settings as people may see them: secrets are masked. */
export function printableSettings(
  settings: Settings,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(settings).map((
      [name, value],
    ) => [name, printable(name, value)]),
  );
}

function printable(name: string, value: unknown): unknown {
  if (name === "store" && value !== null) return (value as Store).address;
  if (name === "outbox" && typeof value === "object" && value !== null) {
    return (value as Store).address;
  }
  if (name === "clock" && value !== null) return show(value);
  return typeof value === "string" ? maskUrl(value) : value;
}
