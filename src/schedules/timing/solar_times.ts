/**
 * When the sun does something at a place, found by astronomy-engine.
 *
 * @module
 */

import {
  AstroTime,
  Body,
  Observer,
  SearchAltitude,
  SearchHourAngle,
  SearchRiseSet,
} from "astronomy-engine";
import type { Occurrences, SolarEvent, SolarJson } from "./schedule.ts";

const DAY = 86_400_000;
/** The longest polar night lasts half a year. */
const MOST_DAYS = 400;
const [RISING, SETTING] = [+1, -1];

/** What to look for in a day. */
interface Search {
  /**
   * When the day begins, in hours of mean solar time: well away from the
   * event, so that each day has one at most.
   */
  readonly from: number;
  /** Finds the first one from a time on, within a day. */
  find(observer: Observer, from: AstroTime): AstroTime | null;
}

const SEARCHES: Readonly<Record<SolarEvent, Search>> = {
  dawnAstronomical: crossing(RISING, -18),
  dawnNautical: crossing(RISING, -12),
  dawnCivil: crossing(RISING, -6),
  sunrise: horizon(RISING),
  solarNoon: {
    from: 0,
    find: (observer, from) =>
      SearchHourAngle(Body.Sun, observer, 0, from, +1).time,
  },
  sunset: horizon(SETTING),
  duskCivil: crossing(SETTING, -6),
  duskNautical: crossing(SETTING, -12),
  duskAstronomical: crossing(SETTING, -18),
};

function crossing(direction: number, altitude: number): Search {
  return {
    from: dayStart(direction),
    find: (observer, from) =>
      SearchAltitude(Body.Sun, observer, direction, from, 1, altitude),
  };
}

function horizon(direction: number): Search {
  return {
    from: dayStart(direction),
    find: (observer, from) =>
      SearchRiseSet(Body.Sun, observer, direction, from, 1),
  };
}

function dayStart(direction: number): number {
  return direction === RISING ? -6 : 6;
}

/**
 * The times of a solar event. Each is looked for from the beginning of its
 * day, so that it is the same ms whoever asks, and for which time.
 */
export function solarTimes(
  { event, latitude, longitude }: SolarJson,
): Occurrences {
  const observer = new Observer(latitude, longitude, 0);
  const { from, find } = SEARCHES[event];
  const shift = (from / 24 - longitude / 360) * DAY;
  const timeOn = (day: number): number | null => {
    const start = new AstroTime(new Date(Math.round(day * DAY + shift)));
    const found = find(observer, start);
    return found && Math.round(found.date.getTime() / 1_000) * 1_000;
  };
  const search = (
    near: number,
    direction: 1 | -1,
    fits: (time: number) => boolean,
  ): number | null => {
    const today = Math.floor((near - shift) / DAY);
    for (let count = -1; count <= MOST_DAYS; count++) {
      const time = timeOn(today + count * direction);
      if (time !== null && fits(time)) return time;
    }
    return null;
  };
  return {
    next: (after) => search(after, 1, (time) => time > after),
    previous: (before) => search(before, -1, (time) => time < before),
  };
}
