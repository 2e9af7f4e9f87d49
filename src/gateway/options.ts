/**
 * Who may send what through a gateway.
 *
 * @module
 */

import { ConfigError } from "../errors.ts";
import {
  type Bytes,
  checkOptions,
  isArrayOf,
  isBoolean,
  isBytes,
  isName,
  isText,
  parseBytes,
} from "../options.ts";

/** A token, and what it is good for. */
export interface GatewayToken {
  /** Who it was given to, for logs. */
  readonly name: string;
  /** The secret: at least 16 characters. */
  readonly token: string;
  /**
   * The tasks that may be sent: names, in which `*` stands for any characters.
   * Those that follow from a task (links, canvases) are held to it as well.
   *
   * @default {["*"]}
   */
  readonly tasks?: readonly string[] | undefined;
  /** The queues that may be sent to, written likewise. @default {["*"]} */
  readonly queues?: readonly string[] | undefined;
  /** Whether results of these tasks may be read. @default {true} */
  readonly results?: boolean | undefined;
  /** Whether these tasks may be revoked and forgotten. @default {false} */
  readonly revoke?: boolean | undefined;
}

/** What {@linkcode gateway} takes. */
export interface GatewayOptions {
  /** The tokens; at least one. */
  readonly tokens: readonly GatewayToken[];
  /** The path that it is mounted at. @default {"/"} */
  readonly path?: string | undefined;
  /** The largest request. @default {"16MB"} */
  readonly maxBodySize?: Bytes | undefined;
  /**
   * Origins of pages that may call it from a browser, such as
   * `https://shop.example.com`; `"*"` is all. Tokens in browsers are public.
   *
   * @default {[]}
   */
  readonly origins?: readonly string[] | undefined;
}

/** The options as they hold. */
export interface ResolvedGatewayOptions {
  readonly tokens: readonly GatewayToken[];
  /** Without a slash at its end. */
  readonly path: string;
  /** In bytes. */
  readonly maxBodySize: number;
  readonly origins: readonly string[];
}

const SHORTEST = 16;

/**
 * The options as they hold.
 *
 * @throws {ConfigError} for what will not do
 */
export function resolveOptions(
  options: GatewayOptions,
): ResolvedGatewayOptions {
  checkOptions("the gateway", options, {
    tokens: isArrayOf(() => null),
    path: isText,
    maxBodySize: isBytes,
    origins: isArrayOf(isText),
  });
  const { tokens, path = "/", maxBodySize = "16MB", origins = [] } = options;
  checkTokens(tokens);
  return {
    tokens,
    path: `/${path}`.replaceAll(/\/+/g, "/").replace(/\/$/, ""),
    maxBodySize: parseBytes(maxBodySize),
    origins,
  };
}

/**
 * Refuses tokens that will not do.
 *
 * @throws {ConfigError} naming the token and what was wanted
 */
function checkTokens(tokens: readonly GatewayToken[]): void {
  if (tokens.length === 0) {
    throw new ConfigError(
      "A gateway needs at least one token: { name, token, tasks, queues }",
    );
  }
  for (const each of tokens) {
    checkOptions(`the token "${each?.name ?? ""}"`, each, {
      name: isName,
      token: isText,
      tasks: isArrayOf(isName),
      queues: isArrayOf(isName),
      results: isBoolean,
      revoke: isBoolean,
    });
    if ((each.token?.length ?? 0) < SHORTEST) {
      throw new ConfigError(
        `The token "${each.name}" must have at least ${SHORTEST} characters: make one with crypto.randomUUID()`,
      );
    }
  }
}
