/**
 * The sun at a place.
 *
 * @module
 */

import { ScheduleError } from "../../errors.ts";
import { nearest, show } from "../../options.ts";
import type { ScheduleSpec, SolarEvent } from "./schedule.ts";
import { specOf } from "./spec.ts";

const EVENTS: readonly SolarEvent[] = [
  "dawnAstronomical",
  "dawnNautical",
  "dawnCivil",
  "sunrise",
  "solarNoon",
  "sunset",
  "duskCivil",
  "duskNautical",
  "duskAstronomical",
];

/**
 * A schedule by the sun: when it rises or sets, is highest, or stands 6
 * (civil), 12 (nautical) or 18 degrees (astronomical) under the horizon. Days
 * on which that does not happen, as in polar summers and winters, are left
 * out. Times are those of sea level, on the full second.
 *
 * ```ts
 * import { solar } from "@lovage/lovage";
 *
 * solar("sunrise", 52.52, 13.405); // in Berlin
 * ```
 *
 * @param latitude degrees, north is positive
 * @param longitude degrees, east is positive
 * @throws {ScheduleError} when there is no such event or no such place
 */
export function solar(
  event: SolarEvent,
  latitude: number,
  longitude: number,
): ScheduleSpec {
  if (!EVENTS.includes(event)) throw unknownEvent(event);
  checkDegrees("latitude", latitude, 90);
  checkDegrees("longitude", longitude, 180);
  return specOf(
    { kind: "solar", event, latitude, longitude },
    `${event} at ${latitude.toFixed(2)}, ${longitude.toFixed(2)}`,
  );
}

function unknownEvent(event: unknown): ScheduleError {
  const near = typeof event === "string" ? nearest(event, EVENTS) : undefined;
  return new ScheduleError(
    `There is no solar event ${show(event)}. ` +
      (near === undefined ? "" : `Did you mean "${near}"? `) +
      `The events are: ${EVENTS.join(", ")}`,
  );
}

function checkDegrees(name: string, value: unknown, most: number): void {
  if (typeof value === "number" && Math.abs(value) <= most) return;
  throw new ScheduleError(
    `The ${name} of solar() must be a number of degrees from -${most} to ` +
      `${most}, but it is ${show(value)}`,
  );
}
