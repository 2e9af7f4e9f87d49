/**
 * What commands work with: the global options, where output goes, and how the
 * command ends.
 *
 * @module
 */

import { ExitCode } from "./exit_code.ts";
import type { Globals } from "./globals.ts";
import { Output } from "./output.ts";

/** One call of the command line. */
export class Cli {
  /** How the command ends. */
  exitCode: number = ExitCode.Ok;
  readonly #globals: () => Globals;
  #out: Output | null = null;

  /** @param globals the global options, once they are parsed */
  constructor(globals: () => Globals) {
    this.#globals = globals;
  }

  /** The global options. */
  get globals(): Globals {
    return this.#globals();
  }

  /** Where output goes. */
  get out(): Output {
    return this.#out ??= new Output(this.globals);
  }
}
