/**
 * Checks the options that users write: unknown names and wrong types are
 * refused where they are written, naming what was given and what was wanted.
 *
 * @module
 */

import { ConfigError } from "./errors.ts";
import { parseDuration, parseInstant } from "./message/time.ts";
import type { Duration, Instant } from "./message/time.ts";

/**
 * Looks at one value. Returns `null` when it will do, otherwise what was
 * wanted, as the end of the sentence "… must be …".
 */
export type Check = (value: unknown) => string | null;

/** The checks of a set of options, by name. */
export type Checks<T> = { readonly [Name in keyof Required<T>]: Check };

/**
 * Refuses unknown names and wrong values.
 *
 * @param what what the options belong to: `task "images.resize"`
 * @throws {ConfigError} for the first option that will not do
 */
export function checkOptions<T extends object>(
  what: string,
  given: T,
  checks: Checks<T>,
): void {
  for (const [name, value] of Object.entries(given)) {
    const check = Object.hasOwn(checks, name)
      ? checks[name as keyof T]
      : undefined;
    if (check === undefined) {
      throw unknownOption(what, name, Object.keys(checks));
    }
    const wanted = value === undefined ? null : check(value);
    if (wanted !== null) {
      throw new ConfigError(
        `Option "${name}" of ${what} must be ${wanted}, but it is ${
          show(value)
        }`,
      );
    }
  }
}

/**
 * The error for an option that there is not.
 *
 * @param known the options that there are
 * @param meant what to look for among them, if not the name itself
 */
export function unknownOption(
  what: string,
  name: string,
  known: readonly string[],
  meant: string = name,
): ConfigError {
  const near = nearest(meant, known);
  const hint = near === undefined
    ? `The options are: ${known.join(", ")}`
    : `Did you mean "${near}"?`;
  return new ConfigError(`Unknown option "${name}" of ${what}. ${hint}`);
}

/** The value as it is best shown in a sentence. */
export function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "function") return "a function";
  if (typeof value === "object" && value !== null) {
    if (Array.isArray(value)) return `an array of ${value.length}`;
    const name = value.constructor?.name;
    return name === undefined || name === "Object" ? "an object" : `a ${name}`;
  }
  return String(value);
}

/** The candidate that is most like a name, if any is like it at all. */
export function nearest(
  name: string,
  candidates: readonly string[],
): string | undefined {
  const plain = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, "");
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.ceil(name.length * 0.4)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(plain(name), plain(candidate));
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** `true` or `false`. */
export const isBoolean: Check = (value) =>
  typeof value === "boolean" ? null : "true or false";

/** A string that is not empty. */
export const isText: Check = (value) =>
  typeof value === "string" && value !== "" ? null : "a non-empty string";

/**
 * What names of tasks and queues look like: a string that every store can
 * keep.
 */
export const isName: Check = (value) =>
  typeof value === "string" && value !== "" && value.length <= 255 &&
    !/\p{Cc}/u.test(value) && value.isWellFormed()
    ? null
    : "a name of 1 to 255 characters without control characters";

/** Any function. */
export const isFunction: Check = (value) =>
  typeof value === "function" ? null : "a function";

/** An object that is not an array. */
export const isObject: Check = (value) =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? null
    : "an object";

/** A whole number within bounds, both included. */
export function isInteger(min: number, max: number = Infinity): Check {
  const bounds = max === Infinity ? `of at least ${min}` : `${min} to ${max}`;
  return (value) =>
    Number.isInteger(value) && (value as number) >= min &&
      (value as number) <= max
      ? null
      : `a whole number ${bounds}`;
}

/** One of a few values. */
export function isOneOf(...values: readonly (string | boolean)[]): Check {
  return (value) =>
    values.includes(value as string)
      ? null
      : values.map((each) => JSON.stringify(each)).join(" or ");
}

/** `null`, or what another check accepts. */
export function orNull(check: Check): Check {
  return (value) => {
    const wanted = value === null ? null : check(value);
    return wanted === null ? null : `${wanted}, or null`;
  };
}

/** What either of two checks accepts. */
export function either(first: Check, second: Check): Check {
  return (value) => {
    const [one, other] = [first(value), second(value)];
    return one === null || other === null ? null : `${one}, or ${other}`;
  };
}

/** An array whose items another check accepts. */
export function isArrayOf(check: Check): Check {
  return (value) => {
    if (!Array.isArray(value)) return "an array";
    for (const [index, item] of value.entries()) {
      const wanted = check(item);
      if (wanted !== null) return `an array; item ${index} must be ${wanted}`;
    }
    return null;
  };
}

/** A duration: seconds, or a string with a unit. */
export const isDuration: Check = (value) =>
  parses(() => parseDuration(value as Duration, "it"))
    ? null
    : 'a duration: seconds, or a string such as "250ms", "30s", "5m", "2h"';

/** A point in time. */
export const isInstant: Check = (value) =>
  parses(() => parseInstant(value as Instant, "it"))
    ? null
    : "a point in time: a Date, a Temporal.Instant or an ISO string";

/** An amount of memory: bytes, or a string with a unit. */
export const isBytes: Check = (value) =>
  parses(() => parseBytes(value as Bytes))
    ? null
    : 'an amount of memory: bytes, or a string such as "64MB", "1GB"';

/** A rate such as `"100/m"`. */
export const isRate: Check = (value) =>
  parses(() => parseRate(value as Rate))
    ? null
    : 'a rate: a number per second, or a string such as "10/s", "100/m"';

function parses(parse: () => unknown): boolean {
  try {
    parse();
    return true;
  } catch {
    return false;
  }
}

/** An amount of memory: a number is bytes, a string carries its unit. */
export type Bytes = number | `${number}${"KB" | "MB" | "GB"}`;

/** Bytes of an amount of memory. */
export function parseBytes(value: Bytes): number {
  const match = typeof value === "number"
    ? [value, value, ""]
    : /^(\d+(?:\.\d+)?)(KB|MB|GB)$/.exec(value);
  const factor = { "": 1, KB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30 }[
    String(match?.[2]) as "" | "KB" | "MB" | "GB"
  ];
  const bytes = Math.round(Number(match?.[1]) * (factor ?? NaN));
  if (!(bytes > 0 && Number.isFinite(bytes))) {
    throw new TypeError(`Not an amount of memory: ${show(value)}`);
  }
  return bytes;
}

/** A rate: a number is per second, a string names its unit. */
export type Rate = number | `${number}/${"s" | "m" | "h"}`;

/** Tasks per second of a rate. */
export function parseRate(value: Rate): number {
  const match = typeof value === "number"
    ? [value, value, "s"]
    : /^(\d+(?:\.\d+)?)\/([smh])$/.exec(value);
  const seconds = { s: 1, m: 60, h: 3600 }[String(match?.[2]) as "s"];
  const rate = Number(match?.[1]) / (seconds ?? NaN);
  if (!(rate > 0 && Number.isFinite(rate))) {
    throw new TypeError(`Not a rate: ${show(value)}`);
  }
  return rate;
}

/** A rate in the unit in which it is a whole number, as it was most likely given. */
export function rateText(perSecond: number): string {
  const per = (seconds: number) => Math.round(perSecond * seconds * 1e6) / 1e6;
  const units = [["s", 1], ["m", 60], ["h", 3600]] as const;
  const [unit, seconds] =
    units.find(([, seconds]) => Number.isInteger(per(seconds))) ?? ["h", 3600];
  return `${per(seconds)}/${unit}`;
}
