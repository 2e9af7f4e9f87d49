/**
 * Finds out who sends a request, and refuses what is nobody's.
 *
 * @module
 */

import type { MiddlewareHandler } from "hono";
import type { DashboardEnv } from "../context.ts";
import type { ResolvedOptions, Viewer } from "../options.ts";
import { refuse } from "../refusal.ts";

const encoder = new TextEncoder();

/** Lets in who may come in. */
export function authenticate(
  options: ResolvedOptions,
): MiddlewareHandler<DashboardEnv> {
  const { basicAuth, authorize } = options;
  const passwords = basicAuth === null ? null : new Passwords(basicAuth);
  return async (c, next) => {
    let viewer: Viewer = { user: "" };
    if (passwords !== null) {
      const user = await passwords.userOf(c.req.header("authorization"));
      if (user === null) {
        c.header("www-authenticate", 'Basic realm="Lovage", charset="UTF-8"');
        return refuse(c, 401, "User name and password are needed");
      }
      viewer = { user };
    } else if (authorize !== null && authorize !== undefined) {
      const said = await authorize(c.req.raw);
      // The headers of a redirect cannot be added to.
      if (said instanceof Response) return new Response(said.body, said);
      if (said === null) return refuse(c, 403, "You may not come in");
      viewer = said;
    }
    c.set("viewer", {
      user: viewer.user,
      readOnly: options.readOnly || viewer.readOnly === true,
    });
    return await next();
  };
}

/** Refuses every action of who may only look. */
export function readOnly(): MiddlewareHandler<DashboardEnv> {
  return async (c, next) => {
    if (c.req.method === "GET" || c.req.method === "HEAD") return await next();
    if (!c.var.viewer.readOnly) return await next();
    return refuse(c, 403, "The dashboard is read-only: nothing was done");
  };
}

/** Compares passwords in a time that says nothing about them. */
class Passwords {
  readonly #key: Promise<CryptoKey>;
  readonly #digests: Promise<ReadonlyMap<string, Uint8Array>>;

  constructor(passwords: ReadonlyMap<string, string>) {
    // Of digests under a key that nobody knows, all have one length, and
    // whoever guesses cannot choose how they begin.
    this.#key = crypto.subtle.generateKey(
      { name: "HMAC", hash: "SHA-256" },
      false,
      ["sign"],
    ) as Promise<CryptoKey>;
    this.#digests = Promise.all(
      [...passwords].map(async ([user, password]) =>
        [user, await this.#digest(`${user}:${password}`)] as const
      ),
    ).then((all) => new Map(all));
  }

  /** Whose credentials these are; `null` for nobody's. */
  async userOf(header: string | undefined): Promise<string | null> {
    const given = credentialsIn(header);
    const digest = await this.#digest(given ?? "");
    let found: string | null = null;
    // All are compared, wherever the right one is.
    for (const [user, known] of await this.#digests) {
      if (areEqual(digest, known)) found = user;
    }
    return given === null ? null : found;
  }

  async #digest(text: string): Promise<Uint8Array> {
    const data = encoder.encode(text);
    return new Uint8Array(
      await crypto.subtle.sign("HMAC", await this.#key, data),
    );
  }
}

/** `user:password` of an `Authorization` header; `null` when it has none. */
function credentialsIn(header: string | undefined): string | null {
  const encoded = /^basic +([\w+/=-]+) *$/i.exec(header ?? "")?.[1];
  if (encoded === undefined) return null;
  try {
    const bytes = Uint8Array.from(atob(encoded), (char) => char.charCodeAt(0));
    return new TextDecoder().decode(bytes);
  } catch {
    return null;
  }
}

function areEqual(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (let at = 0; at < a.length; at++) {
    difference |= (a[at] ?? 0) ^ (b[at] ?? 0);
  }
  return difference === 0;
}
