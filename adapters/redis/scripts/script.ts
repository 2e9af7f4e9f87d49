/**
 * Scripts: their text and the hash that names it.
 *
 * @module
 */

import { BASE } from "./lib.ts";

/** A Lua script. */
export class Script {
  /** What it is called in errors. */
  readonly name: string;
  /** Its text. */
  readonly text: string;
  /** The hash under which the server keeps it, once it was computed. */
  hash: string | undefined;

  /**
   * @param parts the shared functions that it needs beside the base, in the
   * order of need; each takes time in every call
   * @param base what it begins with
   */
  constructor(
    name: string,
    parts: readonly string[],
    body: string,
    base: string = BASE,
  ) {
    this.name = name;
    this.text = [base, ...parts, body].join("");
  }

  /** Computes the hash. */
  async hashed(): Promise<void> {
    this.hash ??= await sha1(this.text);
  }
}

async function sha1(text: string): Promise<string> {
  const bytes = new TextEncoder().encode(text);
  const digest = await crypto.subtle.digest("SHA-1", bytes);
  return Array.from(
    new Uint8Array(digest),
    (byte) => byte.toString(16).padStart(2, "0"),
  ).join("");
}
