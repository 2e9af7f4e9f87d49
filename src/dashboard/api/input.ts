/**
 * What a request says, in its address or its body, held against a schema.
 *
 * @module
 */

import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import { z } from "zod";
import { mistakeIn } from "../mistake.ts";

type Given = Readonly<Record<string, unknown>>;

/**
 * The parameters as a schema wants them.
 *
 * @throws {HTTPException} 400, with a sentence that names the parameter
 */
export function held<T>(schema: z.ZodType<T>, given: Given): T {
  const read = schema.safeParse(given);
  if (read.success) return read.data;
  throw refused(mistakeIn(read.error, given, namesIn(schema)));
}

/** The parameters of an address. @throws {HTTPException} for one given twice */
export function queryOf(c: Context): Record<string, string> {
  const all = Object.entries(c.req.queries());
  const twice = all.find(([, values]) => values.length > 1);
  if (twice !== undefined) {
    throw refused(
      `"${twice[0]}" is given ${twice[1].length} times: once will do`,
    );
  }
  return Object.fromEntries(all.map(([name, [value = ""]]) => [name, value]));
}

/**
 * The parameters of an address, and of a form or JSON.
 *
 * @throws {HTTPException} for a body that is neither
 */
export async function bodyOf(c: Context): Promise<Given> {
  const query = queryOf(c);
  const type = c.req.header("content-type") ?? "";
  if (/multipart|urlencoded/.test(type) && !/json/.test(type)) {
    const text = await c.req.raw.clone().text();
    // Flower's own examples send JSON as curl's default type.
    if (!text.trimStart().startsWith("{")) {
      const form = await c.req.parseBody().catch(() => null);
      if (form !== null) return { ...query, ...form };
      throw refused("The body is not the form that it says it is");
    }
  }
  return { ...query, ...await jsonOf(c) };
}

/** A body that is a JSON object, or empty. @throws {HTTPException} otherwise */
export async function jsonOf(c: Context): Promise<Given> {
  const text = (await c.req.text()).trim();
  if (text === "") return {};
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (error) {
    throw refused(`The body must be a JSON object: ${wordsOf(error)}`);
  }
  if (typeof body === "object" && body !== null && !Array.isArray(body)) {
    return body as Given;
  }
  const kind = Array.isArray(body) ? "an array" : JSON.stringify(body);
  throw refused(`The body must be a JSON object, not ${kind.slice(0, 60)}`);
}

/** The names that a schema knows; none where it takes any. */
export function namesIn(schema: z.ZodType): readonly string[] {
  const { properties = {}, allOf = [] } = z.toJSONSchema(schema, {
    io: "input",
    unrepresentable: "any",
  });
  const parts = [{ properties }, ...allOf as { properties?: object }[]];
  return parts.flatMap((part) => Object.keys(part.properties ?? {}));
}

function refused(message: string): HTTPException {
  return new HTTPException(400, { message });
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message.slice(0, 100) : String(error);
}
