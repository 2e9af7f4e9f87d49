/**
 * The kinds of parameters of Flower's API. Addresses and forms give text,
 * JSON gives values; what is empty counts as not given, as with Flower.
 *
 * @module
 */

import { z } from "zod";
import { text, whole } from "../query.ts";

/** The parameters of a route; others are refused. */
export function parameters<T extends z.ZodRawShape>(
  shape: T,
): z.ZodType<z.output<z.ZodObject<T>>> {
  return z.preprocess(
    (given) =>
      Object.fromEntries(
        Object.entries(given as object).filter(([, value]) => value !== ""),
      ),
    z.strictObject(shape),
  ) as unknown as z.ZodType<z.output<z.ZodObject<T>>>;
}

/** Nothing. */
export const none: z.ZodType<Record<string, never>> = parameters({});

/** A switch, as Python's `strtobool` reads it. */
export const flag: z.ZodType<boolean> = z.preprocess((given) => {
  const said = String(given).toLowerCase();
  if (/^(y|yes|t|true|on|1)$/.test(said)) return true;
  return /^(n|no|f|false|off|0)$/.test(said) ? false : given;
}, z.boolean().default(false));

/** Seconds. */
export const seconds: z.ZodType<number, unknown> = z.preprocess(
  (given) =>
    typeof given === "string" && /^\d{1,9}(\.\d{1,9})?$/.test(given)
      ? Number(given)
      : given,
  z.number().min(0).max(1e9),
);

/** How many slots. */
export const slots: z.ZodType<number, unknown> = whole(1, 1_000);

/** A name: of a worker, a queue, a task. */
export const name: z.ZodString = text(255);

/** A point in time, epoch ms: Flower writes `2024-05-01 12:00`, in UTC. */
export const time: z.ZodType<number, string> = z.string().transform(
  (given, c) => {
    const isLocal = /^\d{4}-\d\d-\d\d( |T)\d\d:\d\d(:\d\d)?$/.test(given);
    const at = isLocal ? Date.parse(`${given.replace(" ", "T")}Z`) : NaN;
    if (Number.isFinite(at)) return at;
    c.addIssue('must be a time such as "2026-05-01 12:00" (UTC)');
    return z.NEVER;
  },
);
