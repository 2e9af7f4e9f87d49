/**
 * Group commit of lines: what arrives while a frame is being written goes
 * with the next one; what arrives alone goes at once.
 *
 * @module
 */

/** Collects lines into frames. */
export class Outbox {
  readonly #send: (frame: string, written: () => void) => void;
  #lines: string[] = [];
  #writing = false;

  /** Makes an outbox that sends frames by this function. */
  constructor(send: (frame: string, written: () => void) => void) {
    this.#send = send;
  }

  /** Sends a line. */
  push(line: string): void {
    this.#lines.push(line);
    if (!this.#writing) this.#flush();
  }

  #flush(): void {
    if (this.#lines.length === 0) return;
    const frame = this.#lines.join("\n");
    this.#lines = [];
    this.#writing = true;
    this.#send(frame, () => {
      this.#writing = false;
      this.#flush();
    });
  }
}
