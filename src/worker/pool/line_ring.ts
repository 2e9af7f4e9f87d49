/**
 * Lines of text from an isolate to the main thread of its host through shared
 * memory.
 *
 * A message of its own for every outcome would cost more than a short task.
 * Through the ring it is with the host as soon as it is written, even
 * if the isolate is kept busy by its next job, and one message, the bell,
 * wakes the host for all that is written until it has read everything.
 *
 * @module
 */

const CAPACITY = 1 << 16;
const MASK = CAPACITY - 1;

/** The shared counters of a ring. */
const Counter = {
  /** How many bytes were written, modulo 2³². */
  Written: 0,
  /** How many bytes were read, modulo 2³². */
  Read: 1,
  /** Whether the reader is awake or has been rung for: 1 or 0. */
  Awake: 2,
} as const;

/** The memory of a ring. */
export interface LineRing {
  /** Its counters. */
  readonly counters: Int32Array;
  /** Its bytes. */
  readonly bytes: Uint8Array;
}

/** Makes a ring. */
export function makeLineRing(): LineRing {
  const counters = Object.keys(Counter).length * Int32Array.BYTES_PER_ELEMENT;
  return {
    counters: new Int32Array(new SharedArrayBuffer(counters)),
    bytes: new Uint8Array(new SharedArrayBuffer(CAPACITY)),
  };
}

/** Writes lines. */
export class LineWriter {
  readonly #ring: LineRing;
  readonly #ringBell: () => void;
  readonly #encoder = new TextEncoder();
  readonly #scratch = new Uint8Array(CAPACITY);
  #written = 0;

  /** Writes to a ring. */
  constructor(ring: LineRing, ringBell: () => void) {
    this.#ring = ring;
    this.#ringBell = ringBell;
  }

  /**
   * Writes a line.
   *
   * @returns whether there was room for it
   */
  write(line: string): boolean {
    const { counters, bytes } = this.#ring;
    const { read, written } = this.#encoder.encodeInto(line, this.#scratch);
    const used = this.#written - Atomics.load(counters, Counter.Read) | 0;
    // One byte more for the line feed.
    if (read < line.length || written + 1 > CAPACITY - used) return false;
    this.#scratch[written] = LINE_FEED;
    copyIn(bytes, this.#written & MASK, this.#scratch.subarray(0, written + 1));
    this.#written = this.#written + written + 1 | 0;
    Atomics.store(counters, Counter.Written, this.#written);
    if (Atomics.exchange(counters, Counter.Awake, 1) === 0) this.#ringBell();
    return true;
  }
}

/** Reads lines. */
export class LineReader {
  readonly #ring: LineRing;
  readonly #decoder = new TextDecoder();
  readonly #scratch = new Uint8Array(CAPACITY);
  #read = 0;

  /** Reads from a ring. */
  constructor(ring: LineRing) {
    this.#ring = ring;
  }

  /**
   * Reads all that there is; the writer rings for what comes later.
   *
   * @returns lines joined by line feeds; `null` if there are none
   */
  read(): string | null {
    const { counters, bytes } = this.#ring;
    let text = "";
    while (true) {
      const written = Atomics.load(counters, Counter.Written);
      const size = written - this.#read | 0;
      if (size > 0) {
        const chunk = this.#scratch.subarray(0, size);
        copyOut(bytes, this.#read & MASK, chunk);
        text += this.#decoder.decode(chunk);
        this.#read = written;
        Atomics.store(counters, Counter.Read, written);
        continue;
      }
      Atomics.store(counters, Counter.Awake, 0);
      // What was written between the look and the sleep was not rung for.
      if (Atomics.load(counters, Counter.Written) === this.#read) break;
      Atomics.store(counters, Counter.Awake, 1);
    }
    return text === "" ? null : text.slice(0, -1);
  }
}

const LINE_FEED = 10;

/** Copies to a place in the ring and on to its start. */
function copyIn(ring: Uint8Array, at: number, from: Uint8Array): void {
  const first = Math.min(from.length, CAPACITY - at);
  ring.set(from.subarray(0, first), at);
  if (first < from.length) ring.set(from.subarray(first), 0);
}

/** Copies from a place in the ring and on from its start. */
function copyOut(ring: Uint8Array, at: number, to: Uint8Array): void {
  const first = Math.min(to.length, CAPACITY - at);
  to.set(ring.subarray(at, at + first), 0);
  if (first < to.length) to.set(ring.subarray(0, to.length - first), first);
}
