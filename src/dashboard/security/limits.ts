/**
 * Bounds what a request may carry, before anything reads it.
 *
 * @module
 */

import type { MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { refuse } from "../refusal.ts";

/** The longest path and query string, in characters. */
const LONGEST_URL = 4_096;
/** The largest body, in bytes. */
const LARGEST_BODY = 1_048_576;

/** Refuses URLs that are too long, and names under which it does not answer. */
export function requestLimits(
  hosts: ReadonlySet<string> | null,
): MiddlewareHandler {
  return async (c, next) => {
    const { pathname, search, hostname } = new URL(c.req.url);
    if (pathname.length + search.length > LONGEST_URL) {
      return refuse(
        c,
        414,
        `The address has more than ${LONGEST_URL} characters: shorten the filter`,
      );
    }
    if (hosts !== null && !hosts.has(hostname.toLowerCase())) {
      return refuse(
        c,
        421,
        `The dashboard does not answer under the name ${hostname}: allow it with hosts (--host)`,
      );
    }
    return await next();
  };
}

/** Refuses bodies that are too large. */
export function bodyLimits(): MiddlewareHandler {
  return bodyLimit({
    maxSize: LARGEST_BODY,
    onError: (c) =>
      refuse(c, 413, `The body has more than ${LARGEST_BODY} bytes`),
  });
}
