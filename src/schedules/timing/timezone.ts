/**
 * Time zones as users name them.
 *
 * @module
 */

import { ScheduleError } from "../../errors.ts";
import { nearest, show } from "../../options.ts";

/** Zones that were found good: to ask is slow, and few are in use. */
const known = new Set<string>(["UTC"]);

/**
 * Makes sure that a text names a time zone of the IANA database.
 *
 * @throws {ScheduleError} when there is none of that name
 */
export function checkTimezone(name: unknown): asserts name is string {
  if (known.has(name as string)) return;
  if (typeof name !== "string" || !isZone(name)) {
    throw new ScheduleError(
      `There is no time zone ${show(name)}. ${hint(name)}`,
    );
  }
  known.add(name);
}

function isZone(name: string): boolean {
  // Runtimes take offsets too; those know nothing of daylight saving time.
  if (!/^[a-z]/i.test(name)) return false;
  try {
    return Boolean(new Intl.DateTimeFormat("en", { timeZone: name }));
  } catch {
    return false;
  }
}

function hint(name: unknown): string {
  const zones = Intl.supportedValuesOf("timeZone");
  const city = String(name).toLowerCase().replaceAll(" ", "_");
  const near = typeof name === "string" && /^[a-z]/i.test(name)
    ? zones.find((zone) => zone.toLowerCase().endsWith(`/${city}`)) ??
      nearest(name, zones)
    : undefined;
  return near === undefined
    ? 'Name one of the IANA database, such as "Europe/Berlin" or "UTC"'
    : `Did you mean "${near}"?`;
}
