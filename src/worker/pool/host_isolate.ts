/**
 * One isolate, as seen by the main thread of its host.
 *
 * @module
 */

import { settingsEnvironment } from "../../environment.ts";
import {
  type IsolateThread,
  startThread,
} from "../../runtime/isolate_thread.ts";
import { isolateBootstrap } from "./isolate_bootstrap.ts";
import { LineReader, makeLineRing } from "./line_ring.ts";
import {
  type FaultReport,
  type HostInit,
  type IsolateInit,
  ToHost,
  ToWorker,
  Word,
  WORD_COUNT,
} from "./protocol.ts";

/** What an isolate is made from. */
export interface HostIsolateOptions {
  /** Its seat. */
  readonly seat: number;
  /** What its host was told. */
  readonly host: HostInit;
  /** Its permissions as a Web Worker takes them; `null` is those of the host. */
  readonly permissions: string | null;
  /** Called with each line that it says. */
  readonly say: (line: string) => void;
  /** Called when jobs have ended in it. */
  readonly onEnded: () => void;
}

/** A thread and the words shared with it. */
export class HostIsolate {
  readonly #seat: number;
  readonly #say: (line: string) => void;
  readonly #onEnded: () => void;
  readonly #words = new Int32Array(
    new SharedArrayBuffer(WORD_COUNT * Int32Array.BYTES_PER_ELEMENT),
  );
  readonly #ring = makeLineRing();
  readonly #reader = new LineReader(this.#ring);
  readonly #thread: IsolateThread;
  #last = 0;
  /** How many of those up to the last were given back. */
  #returned = 0;
  #seenEnded = 0;
  #closed = false;

  /** Starts a thread. */
  constructor(options: HostIsolateOptions) {
    const { seat, host, permissions, say } = options;
    this.#seat = seat;
    this.#say = say;
    this.#onEnded = options.onEnded;
    const module = isolateBootstrap(host.module, host.runnerModule);
    this.#thread = startThread(module, {
      name: `seat ${seat}`,
      permissions,
      onMessage: (line) => {
        // First what was written before the message was sent.
        this.#relay();
        if (!line.startsWith(ToWorker.Bell)) say(line);
      },
      onError: (message) => {
        this.#relay();
        const report: FaultReport = { message, isDead: true };
        say(`${ToWorker.Fault}${seat} 0 ${JSON.stringify(report)}`);
      },
    });
    const init: IsolateInit = {
      seat,
      words: this.#words,
      ring: this.#ring,
      settings: permissions === null ? null : settingsEnvironment(),
      host,
    };
    this.#thread.post(init);
  }

  /** Whether it has jobs to end. */
  get isBusy(): boolean {
    const toEnd = this.#last - this.#returned;
    return !this.#closed && (toEnd - this.#ended | 0) > 0;
  }

  /** Hands encoded jobs to it, up to this ordinal. */
  hand(last: number, payload: string): void {
    this.#last = last;
    this.post(ToHost.Jobs + payload);
  }

  /** Posts a message to it. */
  post(text: string): void {
    this.#thread.post(text);
  }

  /**
   * Gives back what it has not claimed. Claiming for it leaves no job that it
   * could claim, whatever it is doing.
   */
  recall(): void {
    const last = this.#last;
    const word = Atomics.exchange(this.#words, Word.Claimed, last | 0);
    // The word is an ordinal's lower 32 bits.
    const claimed = last - (((last | 0) - word) | 0);
    this.#returned += last - claimed;
    this.#relay();
    this.#say(`${ToWorker.GivenBack}${this.#seat} ${claimed} ${last}`);
  }

  /** Interrupts a job: by the shared flag, which a busy loop can read too. */
  interrupt(ordinal: number, reason: number): void {
    Atomics.store(this.#words, Word.Reason, reason);
    Atomics.store(this.#words, Word.Interrupted, ordinal | 0);
    this.post(`${ToHost.Interrupt}${ordinal} ${reason}`);
  }

  /** Terminates it. A busy loop goes on until the host ends. */
  close(): void {
    this.#thread.terminate();
    this.#closed = true;
  }

  get #ended(): number {
    return Atomics.load(this.#words, Word.Ended);
  }

  /** Passes on what is in the ring. */
  #relay(): void {
    const lines = this.#reader.read();
    if (lines !== null) this.#say(lines);
    const ended = this.#ended;
    if (ended === this.#seenEnded) return;
    this.#seenEnded = ended;
    this.#onEnded();
  }
}
