/**
 * Who a request is from.
 *
 * @module
 */

import type { GatewayToken } from "./options.ts";
import { Refused } from "./refused.ts";
import { Scope } from "./scope.ts";

/** Finds the scope of a token. */
export class Tokens {
  readonly #scopes: readonly (readonly [token: string, scope: Scope])[];
  #byDigest?: Promise<ReadonlyMap<string, Scope>>;

  constructor(tokens: readonly GatewayToken[]) {
    this.#scopes = tokens.map((token) => [token.token, new Scope(token)]);
  }

  /**
   * The scope of who sent a request.
   *
   * @throws {Refused} when it is nobody that is known
   */
  async scopeOf(request: Request): Promise<Scope> {
    const header = request.headers.get("authorization") ?? "";
    const [, token] = /^Bearer +(\S+)$/i.exec(header) ?? [];
    if (token === undefined) {
      throw new Refused(401, "Send a token: Authorization: Bearer <token>");
    }
    const scopes = await (this.#byDigest ??= this.#digested());
    const scope = scopes.get(await digest(token));
    if (scope === undefined) throw new Refused(401, "This token is not known");
    return scope;
  }

  /**
   * Tokens are looked up by digest: how long a look takes says nothing of
   * them. It is begun by the first request, as some edges let nobody start
   * asynchronous work while modules load.
   */
  async #digested(): Promise<ReadonlyMap<string, Scope>> {
    const entries = this.#scopes.map(async ([token, scope]) =>
      [await digest(token), scope] as const
    );
    return new Map(await Promise.all(entries));
  }
}

async function digest(text: string): Promise<string> {
  const bytes = new TextEncoder().encode(text);
  const hash = await crypto.subtle.digest("SHA-256", bytes);
  return String.fromCharCode(...new Uint8Array(hash));
}
