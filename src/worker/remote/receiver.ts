/**
 * Hears what is asked of workers, and answers for this one.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import type { Bus } from "../../contracts/bus.ts";
import {
  CONTROL_TOPIC,
  type ControlAnswer,
  type ControlRequest,
  isMeant,
  readRequest,
  replyTopic,
} from "../../control/protocol.ts";
import { nearest } from "../../options.ts";
import type { Service } from "../../service/service.ts";

const log = getLogger(["lovage", "worker"]);

/** What is done for a command, and answered. */
export type Handler = (
  args: Readonly<Record<string, unknown>>,
) => unknown | Promise<unknown>;

/** Commands by name. */
export type Handlers = Readonly<Record<string, Handler>>;

/** Answers for one worker. */
export class Receiver implements Service {
  readonly name = "receiver";
  readonly #bus: Bus;
  readonly #hostname: string;
  readonly #handlers: Handlers;
  #unsubscribe: () => void = () => {};
  #answering: Promise<void> = Promise.resolve();

  /** It is deaf before it is started. */
  constructor(bus: Bus, hostname: string, handlers: Handlers) {
    this.#bus = bus;
    this.#hostname = hostname;
    this.#handlers = handlers;
  }

  /** Begins to listen. */
  async start(): Promise<void> {
    this.#unsubscribe = await this.#bus.subscribe(CONTROL_TOPIC, (payload) => {
      const request = readRequest(payload);
      if (request === null || !isMeant(this.#hostname, request)) return;
      // One after the other: who grows a pool and then asks for its size is
      // told the new one.
      this.#answering = this.#answering.then(() => this.#answer(request));
    });
  }

  /** Listens no more; what is being answered is answered. */
  async stop(): Promise<void> {
    this.#unsubscribe();
    await this.#answering;
  }

  async #answer(request: ControlRequest): Promise<void> {
    const answer = textOf(await this.#carryOut(request));
    if (!request.reply) return;
    try {
      await this.#bus.broadcast(replyTopic(request.id), answer);
    } catch (error) {
      log.warn("The answer to {command} could not be sent: {error}", {
        command: request.command,
        error: String(error),
      });
    }
  }

  async #carryOut(request: ControlRequest): Promise<ControlAnswer> {
    const worker = this.#hostname;
    const { command, args } = request;
    const handler = Object.hasOwn(this.#handlers, command)
      ? this.#handlers[command]
      : undefined;
    if (handler === undefined) return { worker, error: this.#unknown(command) };
    try {
      return { worker, value: await handler(args) };
    } catch (error) {
      return {
        worker,
        error: error instanceof Error ? error.message : String(error),
      };
    }
  }

  #unknown(command: string): string {
    const names = Object.keys(this.#handlers);
    const near = nearest(command, names);
    return `This worker does not know the command "${command}". ${
      near === undefined
        ? `It knows ${names.join(", ")}; upgrade it if this is a newer one`
        : `Did you mean "${near}"?`
    }`;
  }
}

/** An answer as JSON; an error in place of what JSON cannot hold. */
function textOf(answer: ControlAnswer): string {
  try {
    return JSON.stringify(answer);
  } catch (error) {
    const { worker } = answer;
    return JSON.stringify({
      worker,
      error: `Its answer cannot be written as JSON: ${String(error)}`,
    });
  }
}
