/**
 * A terminal that is drawn in place.
 *
 * @module
 */

const ENTER = "\x1b[?1049h\x1b[?25l";
const LEAVE = "\x1b[?25h\x1b[?1049l";
const HOME = "\x1b[H";
const CLEAR_LINE = "\x1b[K";
const CLEAR_BELOW = "\x1b[J";

/** Takes the whole terminal, and gives it back as it was. */
export class Screen implements Disposable {
  readonly #write: (text: string) => boolean;

  /** @param write writes to the terminal, and says whether it is still there */
  constructor(write: (text: string) => boolean) {
    this.#write = write;
    write(ENTER);
  }

  /**
   * Draws lines over those before; what is too wide is cut.
   *
   * @returns whether the terminal is still there
   */
  draw(lines: readonly string[], columns: number): boolean {
    const text = lines
      .map((line) => `${printable(line).slice(0, columns)}${CLEAR_LINE}`)
      .join("\r\n");
    return this.#write(`${HOME}${text}${CLEAR_BELOW}`);
  }

  /** Gives the terminal back. */
  [Symbol.dispose](): void {
    this.#write(LEAVE);
  }
}

/** What tasks say must not steer the terminal. */
function printable(line: string): string {
  // deno-lint-ignore no-control-regex
  return line.replace(/[\x00-\x1f\x7f-\x9f]+/g, " ");
}
