/**
 * The kinds of fields that actions take. Forms send text, programs JSON.
 *
 * @module
 */

import { z } from "zod";

/** A name: of a queue, a task, a worker, an entry. */
export const name: z.ZodString = z.string().min(1).max(255);

/** The id of a task. */
export const id: z.ZodString = z.string().min(1).max(255);

/** One id, or up to a thousand. */
export const ids: z.ZodType<readonly string[], string | readonly string[]> = z
  .union([id, z.array(id).min(1).max(1_000)])
  .transform((given) => [...new Set([given].flat())]);

/** How many slots. */
export const slots: z.ZodDefault<z.ZodCoercedNumber> = z.coerce.number().int()
  .min(1).max(1_000).default(1);

/** A switch: `on`, `true`, `1`, or JSON's. */
export const flag: z.ZodType<boolean, boolean | string | undefined> = z.union([
  z.boolean(),
  z.string().transform((text) => /^(on|true|1|yes)$/i.test(text)),
]).default(false);

/** Text that may be left empty: `""` is as good as nothing. */
export const optionalText: z.ZodType<string | undefined, string | undefined> = z
  .string().max(10_000).transform((text) => text.trim() || undefined)
  .optional();

/** A whole number that may be left empty. */
export const optionalInteger: z.ZodType<
  number | undefined,
  number | string | undefined
> = z.union([z.number(), z.string().regex(/^\s*\d*\s*$/)])
  .transform((value) => value === "" ? undefined : Number(value))
  .optional();

/** A JSON array, or its text. */
export const jsonArray: z.ZodType<
  readonly unknown[] | undefined,
  readonly unknown[] | string | undefined
> = z.union([
  z.array(z.unknown()),
  z.string().transform((text, c) => {
    const value = text.trim() === "" ? [] : parsed(text);
    if (Array.isArray(value)) return value as unknown[];
    c.addIssue('must be a JSON array, such as ["a.png", 640]');
    return z.NEVER;
  }),
]).optional();

/** A JSON object, or its text. */
export const jsonObject: z.ZodType<
  Readonly<Record<string, unknown>> | undefined,
  Readonly<Record<string, unknown>> | string | undefined
> = z.union([
  z.record(z.string(), z.unknown()),
  z.string().transform((text, c) => {
    const value = text.trim() === "" ? undefined : parsed(text);
    if (value === undefined && text.trim() === "") return undefined;
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>;
    }
    c.addIssue('must be a JSON object, such as {"width": 640}');
    return z.NEVER;
  }),
]).optional();

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
