/**
 * What a request to Flower's API says, in its address or its body.
 *
 * @module
 */

import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";

/** The parameters of a request: of its address, and of a form or JSON. */
export async function given(
  c: Context,
): Promise<Readonly<Record<string, unknown>>> {
  const query = c.req.query();
  const type = c.req.header("content-type") ?? "";
  if (/multipart|urlencoded/.test(type) && !/json/.test(type)) {
    const text = await c.req.raw.clone().text();
    // Flower's own examples send JSON as curl's default type.
    if (!text.trimStart().startsWith("{")) {
      return { ...query, ...await c.req.parseBody() };
    }
  }
  const text = (await c.req.text()).trim();
  if (text === "") return query;
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === "object" && body !== null && !Array.isArray(body)) {
      return { ...query, ...body };
    }
  } catch {
    // Told below.
  }
  throw new HTTPException(400, { message: "The body must be a JSON object" });
}

/** A whole number of at least 1; the default where it is absent. */
export function count(value: unknown, otherwise = 1): number {
  if (value === undefined || value === "") return otherwise;
  const number = Number(value);
  if (Number.isInteger(number) && number >= 1) return number;
  throw new HTTPException(400, {
    message: `A whole number of at least 1 is wanted, not ${
      JSON.stringify(value)
    }`,
  });
}

/** A text; `undefined` where it is absent. */
export function text(value: unknown): string | undefined {
  if (typeof value === "string") return value === "" ? undefined : value;
  return typeof value === "number" ? String(value) : undefined;
}

/** Whether a switch is on: `1`, `true`. */
export function isOn(value: unknown): boolean {
  return value === true || /^(1|true|yes|on)$/i.test(String(value ?? ""));
}
