/**
 * Tells of a worker and its tasks, while somebody watches.
 *
 * @module
 */

import type { Clock } from "../contracts/clock.ts";
import type { EventFields, EventSink } from "../control/event_sink.ts";
import { eventText } from "../control/monitor_event.ts";
import { decodeError } from "../message/error_codec.ts";
import type { Envelope } from "../message/envelope.ts";
import type { Service } from "../service/service.ts";
import type { Held } from "./in_flight.ts";
import type { Outcome } from "./outcome.ts";

/** A worker tells of itself after this (ms). */
const BEAT = 2_000;

/** What a worker tells of itself. */
export interface WorkerLoad {
  /** Tasks that run. */
  readonly active: number;
  /** Tasks that it has ended. */
  readonly processed: number;
}

/** Tells of one worker. */
export class Monitor implements Service {
  readonly name = "monitor";
  readonly #sink: EventSink;
  readonly #clock: Clock;
  readonly #load: () => WorkerLoad;
  #cancelBeat: () => void = () => {};

  /** It tells nothing before it is started. */
  constructor(sink: EventSink, clock: Clock, load: () => WorkerLoad) {
    this.#sink = sink;
    this.#clock = clock;
    this.#load = load;
  }

  /** Whether anybody wants to hear. */
  get active(): boolean {
    return this.#sink.active;
  }

  /** Tells also while nobody watches, or not any more. */
  force(on: boolean): void {
    this.#sink.force(on);
    if (on) this.#appear();
  }

  /** Begins to hear of watchers. */
  async start(): Promise<void> {
    await this.#sink.start(() => this.#appear());
    if (this.active) this.#appear();
  }

  /** Says that the worker stops, and tells no more. */
  async stop(): Promise<void> {
    this.#cancelBeat();
    this.#sink.tell("worker-offline", this.#facts());
    await this.#sink.stop();
  }

  /** Tells that tasks were taken from their queues. */
  received(all: readonly Held[]): void {
    if (!this.active) return;
    for (const { envelope, delivery } of all) {
      this.#sink.tell("task-received", {
        ...named(envelope),
        args: eventText(envelope.args),
        kwargs: eventText(envelope.kwargs ?? {}),
        queue: delivery.queue,
        retries: envelope.retries,
        eta: envelope.eta ?? null,
        expires: envelope.expires ?? null,
        rootId: envelope.rootId,
        parentId: envelope.parentId,
      });
    }
  }

  /** Tells that a task began. */
  started({ envelope }: Held): void {
    if (this.active) this.#sink.tell("task-started", named(envelope));
  }

  /** Tells how a task ended. */
  ended({ envelope }: Held, outcome: Outcome): void {
    if (!this.active) return;
    const fields = named(envelope);
    const runtime = outcome.startedAt === undefined
      ? undefined
      : outcome.endedAt - outcome.startedAt;
    switch (outcome.kind) {
      case "success":
        return this.#sink.tell("task-succeeded", {
          ...fields,
          runtime,
          result: eventText(outcome.value ?? ""),
        });
      case "failure":
      case "lost":
        return this.#sink.tell("task-failed", {
          ...fields,
          runtime,
          ...errorFields(outcome.error),
        });
      case "retry":
        return this.#sink.tell("task-retried", {
          ...fields,
          runtime,
          ...errorFields(outcome.error),
        });
      case "revoked":
        return this.#sink.tell("task-revoked", {
          ...fields,
          terminated: outcome.terminated ?? false,
          expired: false,
        });
      case "reject":
        return this.#sink.tell("task-rejected", {
          ...fields,
          requeue: outcome.requeue,
        });
    }
  }

  /** Tells of a task that ended without a run. */
  dropped(
    uuid: string,
    name: string,
    kind: Outcome["kind"] | "expired",
  ): void {
    if (!this.active) return;
    const fields = { uuid, name };
    if (kind === "revoked" || kind === "expired") {
      const expired = kind === "expired";
      this.#sink.tell("task-revoked", {
        ...fields,
        terminated: false,
        expired,
      });
    } else if (kind === "reject") {
      this.#sink.tell("task-rejected", { ...fields, requeue: false });
    } else if (kind === "failure") this.#sink.tell("task-failed", fields);
    else this.#sink.tell("task-succeeded", fields);
  }

  // Who begins to watch hears at once who is there.
  #appear(): void {
    this.#sink.tell("worker-online", this.#facts());
    this.#beatLater();
  }

  #beatLater(): void {
    this.#cancelBeat();
    this.#cancelBeat = this.#clock.timer(BEAT, () => {
      if (!this.active) return;
      this.#sink.tell("worker-heartbeat", this.#facts());
      this.#beatLater();
    });
  }

  #facts(): EventFields {
    return { freq: BEAT, ...this.#load() };
  }
}

function named({ id, task, shadow }: Envelope): { uuid: string; name: string } {
  return { uuid: id, name: shadow ?? task };
}

function errorFields(text: string): EventFields {
  const error = decodeError(text);
  return {
    exception: eventText(String(error)),
    ...(error.stack === undefined ? {} : { traceback: error.stack }),
  };
}
