/**
 * Tells that tasks were sent (`taskSendSentEvent`), while somebody watches.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import type { Message } from "../contracts/broker.ts";
import type { Internals } from "../internals.ts";
import { decodeEnvelope } from "../message/envelope.ts";
import { EventSink, type Teller } from "./event_sink.ts";
import { describedTask } from "./event_wire.ts";

const log = getLogger(["lovage", "events"]);

/** So long (ms) a watcher may take to say that it is there. */
const GRACE = 100;
/** So many are kept until it is known whether somebody watches. */
const MOST_EARLY = 1_000;

/** Tells what one app sends. */
export class SentEvents {
  readonly #app: Internals;
  readonly #teller: () => Promise<Teller>;
  #sink: EventSink | null = null;
  #starting: Promise<void> | null = null;
  #decide: () => void = () => {};
  #early: Message[] = [];

  /** @param teller who sends; asked for once something was sent */
  constructor(app: Internals, teller: () => Promise<Teller>) {
    this.#app = app;
    this.#teller = teller;
  }

  /** Tells that this was sent, if anybody wants to hear. */
  tell(message: Message): void {
    if (!this.#app.settings().taskSendSentEvent) return;
    if (this.#sink !== null) return tellSent(this.#sink, message);
    if (this.#early.length < MOST_EARLY) this.#early.push(message);
    this.#starting ??= this.#start();
  }

  /** Tells what is left, and no more. */
  async close(): Promise<void> {
    this.#decide();
    await this.#starting;
    await this.#sink?.stop();
    this.#sink = this.#starting = null;
  }

  // It is in nobody's way: what cannot be told is not.
  async #start(): Promise<void> {
    try {
      const { broker } = await this.#app.stores.open();
      const clock = this.#app.clock();
      const sink = new EventSink(
        broker.bus,
        clock,
        await this.#teller(),
        false,
      );
      await new Promise<void>((resolve, reject) => {
        const cancel = clock.timer(GRACE, resolve);
        this.#decide = () => {
          cancel();
          resolve();
        };
        sink.start(() => this.#decide()).catch(reject);
      });
      this.#sink = sink;
      for (const message of this.#early) tellSent(sink, message);
    } catch (error) {
      this.#decide();
      this.#starting = null;
      log.debug("What was sent could not be told: {error}", {
        error: String(error),
      });
    }
    this.#early = [];
  }
}

function tellSent(sink: EventSink, message: Message): void {
  if (!sink.active) return;
  const envelope = decodeEnvelope(message.body);
  sink.tell({ type: "task-sent", ...describedTask(envelope, message) });
}
