/**
 * Where the output of commands goes: results to stdout, notes and errors to
 * stderr; as text for people or as JSON for programs.
 *
 * @module
 */

import { colorsWanted } from "../runtime/process.ts";
import { MistakeError } from "./errors.ts";
import { toPlainJson } from "./plain_json.ts";

/** How to print. */
export interface OutputOptions {
  /** Print JSON. */
  readonly json?: boolean;
  /** Leave out what is neither result nor error. */
  readonly quiet?: boolean;
  /** Whether colours may be used. */
  readonly color: boolean;
  /** Print the stacks of errors. */
  readonly debug?: boolean;
}

/** Prints for one call of the command line. */
export class Output {
  readonly #options: OutputOptions;

  /** An output with these options. */
  constructor(options: OutputOptions) {
    this.#options = options;
  }

  /** Whether it prints JSON. */
  get json(): boolean {
    return this.#options.json === true;
  }

  /** Prints a result: a line of JSON, or text. */
  show(data: unknown, text: () => string): void {
    console.log(this.json ? JSON.stringify(toPlainJson(data)) : text());
  }

  /** Prints what a running command does, unless it is to be quiet. */
  tell(event: Readonly<Record<string, unknown>>, text: () => string): void {
    if (this.#options.quiet !== true) this.show(event, text);
  }

  /** Prints a remark for people to stderr. */
  note(text: string): void {
    if (this.#options.quiet !== true && !this.json) console.error(text);
  }

  /** Prints an error; of a mistake also where it is. */
  error(sentence: string, exitCode: number, error?: unknown): void {
    const { debug, color } = this.#options;
    const mistake = error instanceof MistakeError ? error : null;
    if (this.json) {
      const place = mistake === null ? {} : { position: mistake.position };
      console.error(JSON.stringify({ error: sentence, exitCode, ...place }));
    } else {
      const red = color && colorsWanted("stderr");
      console.error(`${red ? "\x1b[31mError:\x1b[0m" : "Error:"} ${sentence}`);
      if (mistake !== null) console.error(mistake.picture);
    }
    if (debug === true && error !== undefined) console.error(error);
  }
}
