/**
 * Reads the values of options. What will not do is refused with a sentence
 * that names the flag, what was wanted and what was given.
 *
 * @module
 */

import type { Duration, Instant } from "../message/time.ts";
import {
  type Check,
  isDuration,
  isInstant,
  isRate,
  type Rate,
  show,
} from "../options.ts";
import { UsageError } from "./errors.ts";

const A_DURATION = "a duration: seconds (30), or with a unit (500ms, 5m, 2h)";
const A_TIME = "a time in ISO form with its zone, such as 2026-05-01T08:00:00Z";

function refuse(flag: string, wanted: string, given: string): never {
  throw new UsageError(
    `${flag} must be ${wanted}, but it is ${show(given)}`,
  );
}

/** Reads names that are separated by commas; a repeated flag adds more. */
export function names(
  flag: string,
): (text: string, before?: readonly string[]) => readonly string[] {
  return (text, before = []) => {
    const found = text.split(",").map((name) => name.trim());
    if (found.includes("")) {
      refuse(flag, "names separated by commas, such as default,billing", text);
    }
    return [...before, ...found];
  };
}

/** Reads a whole number. */
export function integer(
  flag: string,
  min: number,
  max: number = Infinity,
): (text: string) => number {
  const bounds = max === Infinity ? `of at least ${min}` : `${min} to ${max}`;
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : NaN;
    if (value >= min && value <= max) return value;
    return refuse(flag, `a whole number ${bounds}`, text);
  };
}

/** Reads a number, which may be negative. */
export function decimal(
  flag: string,
  min: number,
  max: number,
): (text: string) => number {
  return (text) => {
    const value = /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
    if (value >= min && value <= max) return value;
    return refuse(flag, `a number ${min} to ${max}`, text);
  };
}

/** Reads two numbers in any order, the larger first; one alone is the larger. */
export function range(
  flag: string,
): (text: string) => { readonly max: number; readonly min: number } {
  return (text) => {
    const match = /^(\d+)(?: ?, ?(\d+))?$/.exec(text);
    const both = [Number(match?.[1]), Number(match?.[2] ?? 1)];
    const [max, min] = [Math.max(...both), Math.min(...both)];
    if (min >= 1) return { max, min };
    return refuse(
      flag,
      "two numbers of at least 1, max,min, such as 10,3",
      text,
    );
  };
}

/** Reads a duration: seconds, or a number with its unit. */
export function duration(flag: string): (text: string) => Duration {
  return (text) => asDuration(text) ?? refuse(flag, A_DURATION, text);
}

/** Reads a rate: starts per second, or with its unit; 0 is without limit. */
export function rate(text: string): Rate {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : text as Rate;
  if (value === 0 || isRate(value) === null) return value;
  return refuse("The rate", "such as 5, 10/s, 100/m; or 0 for none", text);
}

/** Reads a point in time. */
export function instant(flag: string): (text: string) => Instant {
  return (text) => accepts(isInstant, text) ?? refuse(flag, A_TIME, text);
}

/** Reads a duration or a point in time. */
export function durationOrInstant(
  flag: string,
): (text: string) => Duration | Instant {
  return (text) =>
    asDuration(text) ?? accepts(isInstant, text) ??
      refuse(flag, `${A_DURATION}, or ${A_TIME}`, text);
}

function asDuration(text: string): Duration | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  return accepts(isDuration, text) as Duration | undefined;
}

function accepts(check: Check, text: string): string | undefined {
  return check(text) === null ? text : undefined;
}

/** Reads an amount of memory in bytes: KiB, as in Celery, or with a unit. */
export function memory(flag: string): (text: string) => number {
  return (text) => {
    const match = /^(\d+(?:\.\d+)?) ?(?:([KMG])(?:i?B)?)?$/i.exec(text);
    const unit = (match?.[2] ?? "K").toUpperCase() as "K" | "M" | "G";
    const bytes = Number(match?.[1]) *
      { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 }[unit];
    if (bytes > 0) return Math.round(bytes);
    return refuse(flag, "memory in KiB (65536), or with a unit (64MB)", text);
  };
}

/** Reads one of a few words, in any case; some have other names. */
export function oneOf<Word extends string>(
  flag: string,
  words: readonly Word[],
  others: Readonly<Record<string, Word>> = {},
): (text: string) => Word {
  return (text) => {
    const lower = text.toLowerCase();
    const found = words.find((word) => word.toLowerCase() === lower) ??
      (Object.hasOwn(others, lower) ? others[lower] : undefined);
    return found ?? refuse(flag, `one of ${words.join(", ")}`, text);
  };
}

/** Reads a JSON array. */
export function jsonArray(flag: string): (text: string) => readonly unknown[] {
  return (text) => {
    const value = parsed(text);
    if (Array.isArray(value)) return value;
    return refuse(flag, `a JSON array, such as '["a.png", 640]'`, text);
  };
}

/** Reads `name=value`; a repeated flag adds another, or another value. */
export function pairs(
  flag: string,
): (text: string, before?: Pairs) => Pairs {
  return (text, before = {}) => {
    const at = text.indexOf("=");
    if (at < 1) refuse(flag, "a name and a value, such as tenant=acme", text);
    const name = text.slice(0, at);
    const values = [...before[name] ?? [], text.slice(at + 1)];
    return { ...before, [name]: values };
  };
}

/** Values by name, as they were typed. */
export type Pairs = Readonly<Record<string, readonly string[]>>;

/** Reads a JSON object. */
export function jsonObject(
  flag: string,
): (text: string) => Readonly<Record<string, unknown>> {
  return (text) => {
    const value = parsed(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>;
    }
    return refuse(flag, `a JSON object, such as '{"width": 640}'`, text);
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
