/**
 * The schemas of answers. They have names, under which the OpenAPI document
 * lists them; the compiler holds them against the types of the data room.
 *
 * @module
 */

import { z } from "zod";

/** All schemas with a name. A registry of our own: zod's is the users'. */
export const NAMED: z.core.$ZodRegistry<{ readonly id: string }> = z
  .registry<{ readonly id: string }>();

/** Gives a schema its name in the document. */
export function named<T extends z.ZodType>(id: string, schema: T): T {
  NAMED.add(schema, { id });
  return schema;
}

/** A point in time. */
export const instant: z.ZodNumber = z.number().describe("Epoch milliseconds");

/** A span of time. */
export const span: z.ZodNumber = z.number().describe("Milliseconds");

/** How many. */
export const count: z.ZodInt = z.int().min(0);

/** Text, or `null`: not known, or there is none. */
export const textOrNull: z.ZodNullable<z.ZodString> = z.string().nullable();

/** A point in time, or `null`. */
export const instantOrNull: z.ZodNullable<z.ZodNumber> = instant.nullable();

/** A span of time, or `null`. */
export const spanOrNull: z.ZodNullable<z.ZodNumber> = span.nullable();

/** Where a list goes on. */
export const cursor: z.ZodNullable<z.ZodString> = z.string().nullable()
  .describe("Where to go on; null at the end");

/** Values by name. */
export const values: z.ZodRecord<z.ZodString, z.ZodUnknown> = z.record(
  z.string(),
  z.unknown(),
);

/** Counts by name. */
export const counts: z.ZodRecord<z.ZodString, z.ZodInt> = z.record(
  z.string(),
  count,
);
