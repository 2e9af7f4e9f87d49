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
  readonly #scopes: Promise<ReadonlyMap<string, Scope>>;

  /** Tokens are kept as digests: how long a look takes says nothing of them. */
  constructor(tokens: readonly GatewayToken[]) {
    this.#scopes = Promise.all(
      tokens.map(async (token) =>
        [await digest(token.token), new Scope(token)] as const
      ),
    ).then((entries) => new Map(entries));
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
    const scope = (await this.#scopes).get(await digest(token));
    if (scope === undefined) throw new Refused(401, "This token is not known");
    return scope;
  }
}

async function digest(text: string): Promise<string> {
  const bytes = new TextEncoder().encode(text);
  const hash = await crypto.subtle.digest("SHA-256", bytes);
  return String.fromCharCode(...new Uint8Array(hash));
}
