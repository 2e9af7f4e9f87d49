/**
 * Points in time as the clock on the wall shows them somewhere.
 *
 * @module
 */

const formats = new Map<string, Intl.DateTimeFormat>();

/** The zone of this machine. */
export function localZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** `Mon 2026-11-23 08:00:00 +01:00`; with ms where there are some. */
export function zonedText(at: Date, zone: string): string {
  const part = partsOf(at, zone);
  const ms = at.getUTCMilliseconds();
  const fraction = ms === 0 ? "" : `.${String(ms).padStart(3, "0")}`;
  // UTC itself is plain GMT there.
  const offset = part("timeZoneName").replace("GMT", "") || "+00:00";
  return `${part("weekday")} ${part("year")}-${part("month")}-${part("day")} ${
    part("hour")
  }:${part("minute")}:${part("second")}${fraction} ${offset}`;
}

function partsOf(
  at: Date,
  zone: string,
): (type: Intl.DateTimeFormatPartTypes) => string {
  const parts = formatOf(zone).formatToParts(at);
  return (type) => parts.find((part) => part.type === type)?.value ?? "";
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const found = formats.get(zone);
  if (found !== undefined) return found;
  const made = new Intl.DateTimeFormat("en", {
    timeZone: zone,
    ...{ weekday: "short", year: "numeric", month: "2-digit", day: "2-digit" },
    ...{ hour: "2-digit", minute: "2-digit", second: "2-digit" },
    ...{ hourCycle: "h23", timeZoneName: "longOffset" },
  });
  formats.set(zone, made);
  return made;
}
