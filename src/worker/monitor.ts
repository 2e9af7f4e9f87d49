/**
 * Tells of a worker and its tasks, while somebody watches.
 *
 * @module
 */

import type { Clock } from "../contracts/clock.ts";
import type { EventSink, OwnEvent } from "../control/event_sink.ts";
import { describedTask, eventText } from "../control/monitor_event.ts";
import { decodeError, remoteStack } from "../message/error_codec.ts";
import type { Envelope } from "../message/envelope.ts";
import type { Service } from "../service/service.ts";
import { VERSION } from "../version.ts";
import type { Held } from "./in_flight.ts";
import type { Outcome } from "./outcome.ts";

/** What a worker tells of itself. */
export interface WorkerLoad {
  /** Tasks that run. */
  readonly active: number;
  /** Tasks that it has ended. */
  readonly processed: number;
  /** The load of its machine over 1, 5 and 15 minutes. */
  readonly loadavg: readonly number[];
}

/** What a monitor works with. */
export interface MonitorParts {
  /** Tells those who watch. */
  readonly sink: EventSink;
  /** Where time comes from. */
  readonly clock: Clock;
  /** What the worker does now. */
  readonly load: () => WorkerLoad;
  /** The system that it runs on. */
  readonly system: string;
  /** It tells of itself after this (ms); `null` is never. */
  readonly interval: number | null;
}

/** Tells of one worker. */
export class Monitor implements Service {
  readonly name = "monitor";
  readonly #sink: EventSink;
  readonly #parts: MonitorParts;
  #cancelBeat: () => void = () => {};

  /** It tells nothing before it is started. */
  constructor(parts: MonitorParts) {
    this.#sink = parts.sink;
    this.#parts = parts;
  }

  /** Whether anybody wants to hear. */
  get active(): boolean {
    return this.#sink.active;
  }

  /** Whether the course of one more task is to be told. */
  admit(): boolean | undefined {
    return this.#sink.admit();
  }

  /** Tells also while nobody watches, or not any more. */
  force(on: boolean): void {
    this.#sink.force(on);
    if (on) this.#appear();
  }

  /** Begins to hear of watchers. */
  async start(): Promise<void> {
    await this.#sink.start((isFirst) =>
      isFirst || this.#parts.interval === null ? this.#appear() : this.#beat()
    );
    if (this.active) this.#appear();
  }

  /** Says that the worker stops, and tells no more. */
  async stop(): Promise<void> {
    this.#cancelBeat();
    this.#sink.tell({ type: "worker-offline", ...this.#facts() });
    await this.#sink.stop();
  }

  /** Tells that tasks were taken from their queues. */
  received(all: readonly Held[]): void {
    if (!this.active) return;
    for (const { envelope, delivery, told } of all) {
      if (told === false) continue;
      const task = describedTask(envelope, delivery);
      this.#sink.tell({ type: "task-received", ...task });
    }
  }

  /** Tells that a task began. */
  started({ envelope, told }: Held): void {
    if (!this.active || told === false) return;
    this.#sink.tell({
      type: "task-started",
      uuid: envelope.id,
      name: nameOf(envelope),
    });
  }

  /** Tells how a task ended. */
  ended({ envelope, told }: Held, outcome: Outcome): void {
    if (!this.active || told === false && outcome.kind === "success") return;
    const uuid = envelope.id;
    const name = nameOf(envelope);
    const runtime = outcome.startedAt === undefined
      ? undefined
      : outcome.endedAt - outcome.startedAt;
    switch (outcome.kind) {
      case "success":
        return this.#sink.tell({
          type: "task-succeeded",
          uuid,
          name,
          runtime,
          result: eventText(outcome.value ?? ""),
        });
      case "failure":
      case "lost":
      case "retry":
        return this.#sink.tell({
          type: outcome.kind === "retry" ? "task-retried" : "task-failed",
          uuid,
          name,
          runtime,
          ...errorFields(outcome.error),
        });
      case "revoked":
        return this.#sink.tell({
          type: "task-revoked",
          uuid,
          name,
          terminated: outcome.terminated ?? false,
          expired: false,
        });
      case "reject":
        return this.#sink.tell({
          type: "task-rejected",
          uuid,
          name,
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
    const task = { uuid, name };
    switch (kind) {
      case "revoked":
      case "expired":
        return this.#sink.tell({
          type: "task-revoked",
          ...task,
          terminated: false,
          expired: kind === "expired",
        });
      case "reject":
        return this.#sink.tell({
          type: "task-rejected",
          ...task,
          requeue: false,
        });
      case "failure":
        return this.#sink.tell({ type: "task-failed", ...task });
      default:
        return this.#sink.tell({ type: "task-succeeded", ...task });
    }
  }

  // Who begins to watch hears at once who is there.
  #appear(): void {
    this.#sink.tell({ type: "worker-online", ...this.#facts() });
    this.#beatLater();
  }

  #beat(): void {
    this.#sink.tell({ type: "worker-heartbeat", ...this.#facts() });
    this.#beatLater();
  }

  #beatLater(): void {
    const { clock, interval } = this.#parts;
    this.#cancelBeat();
    if (interval === null) return;
    this.#cancelBeat = clock.timer(interval, () => {
      if (this.active) this.#beat();
    });
  }

  #facts(): Omit<OwnEvent, "type"> {
    const { interval, load, system } = this.#parts;
    return {
      freq: interval ?? 0,
      ...load(),
      untold: this.#sink.untold,
      swIdent: "lovage",
      swVer: VERSION,
      swSys: system,
    };
  }
}

function nameOf({ task, shadow }: Envelope): string {
  return shadow ?? task;
}

function errorFields(text: string): Partial<OwnEvent> {
  const error = decodeError(text);
  return { exception: eventText(String(error)), traceback: remoteStack(error) };
}
