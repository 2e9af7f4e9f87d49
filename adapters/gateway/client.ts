/**
 * Calls a gateway.
 *
 * @module
 */

import { StoreError } from "../../src/errors.ts";
import type { Operation, Operations, Refusal } from "./protocol.ts";

/** `fetch`, as far as it is used. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** What a client is made from. */
export interface ClientOptions {
  /** The address of the gateway, without a token. */
  readonly url: string;
  /** Who calls. */
  readonly token: string;
  /** How long an answer may take, in ms. */
  readonly timeout: number;
  /** Makes the requests. */
  readonly fetch: Fetch;
}

/** How one call is made. */
export interface CallOptions {
  /** Whether it changes something, so that a lost answer is a doubt. */
  readonly changes?: boolean | undefined;
  /** How much longer than usual the answer may take, in ms. */
  readonly patience?: number | undefined;
  /** Ends it. */
  readonly signal?: AbortSignal | undefined;
}

/** Errors of the system that mean that nobody has heard the request. */
const UNHEARD = /refused|ENOTFOUND|dns|unreachable|certificate/i;

/** Calls the operations of a gateway. */
export class Client {
  readonly #options: ClientOptions;

  /** Nothing is called yet. */
  constructor(options: ClientOptions) {
    this.#options = options;
  }

  /**
   * Calls an operation.
   *
   * @throws {StoreError} when it is refused or not answered
   */
  async call<Name extends Operation>(
    name: Name,
    asks: Operations[Name]["asks"],
    { changes = false, patience = 0, signal }: CallOptions = {},
  ): Promise<Operations[Name]["answers"]> {
    const { url, token, timeout, fetch } = this.#options;
    const limit = new AbortController();
    const timer = setTimeout(
      () => limit.abort(new DOMException("Too late", "TimeoutError")),
      timeout + patience,
    );
    const signals = signal === undefined
      ? limit.signal
      : AbortSignal.any([signal, limit.signal]);
    let response: Response;
    let text: string;
    try {
      response = await fetch(`${url}/v1/${name}`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          authorization: `Bearer ${token}`,
        },
        body: JSON.stringify(asks),
        // Elsewhere the token is nobody's business. ("error" is not known
        // to all edge runtimes.)
        redirect: "manual",
        signal: signals,
      });
      text = await response.text();
    } catch (cause) {
      throw this.#unanswered(cause, changes);
    } finally {
      clearTimeout(timer);
    }
    return this.#read(response, text, changes);
  }

  #unanswered(cause: unknown, changes: boolean): StoreError {
    const { url, timeout } = this.#options;
    const error = cause instanceof Error ? cause : new Error(String(cause));
    const why = error.name === "TimeoutError"
      ? `it has not answered in ${timeout / 1_000} s`
      : causes(error);
    const inDoubt = changes && !UNHEARD.test(why);
    return new StoreError(
      `The gateway ${url} cannot be reached: ${why}${
        inDoubt ? "; the call may have been carried out all the same" : ""
      }`,
      { cause, inDoubt },
    );
  }

  #read<Answer>(response: Response, text: string, changes: boolean): Answer {
    if (response.type === "opaqueredirect" || isRedirect(response.status)) {
      const { url } = this.#options;
      const to = response.headers.get("location") ?? "elsewhere";
      throw new StoreError(
        `${url} redirects to ${to}: give the address of the gateway itself`,
        { transient: false },
      );
    }
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (cause) {
      const { url } = this.#options;
      throw new StoreError(
        `${url} has answered with status ${response.status} and no JSON: is it the address of a gateway?`,
        {
          cause,
          transient: response.status >= 500,
          inDoubt: changes && response.status >= 500,
        },
      );
    }
    const { error } = value as Partial<Refusal>;
    // What is answered after a wait has no status of its own.
    if (response.ok && error === undefined) return value as Answer;
    throw new StoreError(
      error?.message ?? `The gateway refused with status ${response.status}`,
      {
        transient: error?.transient ?? response.status >= 500,
        inDoubt: error?.inDoubt ?? false,
      },
    );
  }
}

function isRedirect(status: number): boolean {
  return status >= 300 && status < 400;
}

/** What happened, and what was behind it. */
function causes(error: Error): string {
  return error.cause instanceof Error
    ? `${error.message}: ${causes(error.cause)}`
    : error.message;
}
