/**
 * Tells of a worker and its tasks, while somebody watches.
 *
 * @module
 */

import type { Clock } from "../contracts/clock.ts";
import type { EventSink, OwnEvent } from "../control/event_sink.ts";
import {
  receivedTuple,
  startedTuple,
  succeededTuple,
} from "../control/event_wire.ts";
import { eventText } from "../control/monitor_event.ts";
import { decodeError, remoteStack } from "../message/error_codec.ts";
import type { Envelope } from "../message/envelope.ts";
import type { Service } from "../service/service.ts";
import { VERSION } from "../version.ts";
import type { Held } from "./in_flight.ts";
import type { Outcome } from "./outcome.ts";
import type { CustomEvent } from "./runner.ts";

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
  // Of how many more tasks of a batch the course is told.
  #admitted: number | undefined = undefined;

  /** It tells nothing before it is started. */
  constructor(parts: MonitorParts) {
    this.#sink = parts.sink;
    this.#parts = parts;
  }

  /** Whether anybody wants to hear. */
  get active(): boolean {
    return this.#sink.active;
  }

  /** Decides for a batch of tasks of how many the course is told. */
  expect(count: number): void {
    this.#admitted = this.#sink.admit(count);
  }

  /** Whether the course of the next task of the batch is to be told. */
  admit(): boolean | undefined {
    if (this.#admitted === undefined) return undefined;
    if (this.#admitted === 0) return false;
    this.#admitted--;
    return true;
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

  /** Tells how it is doing now, also if nobody is known to watch. */
  beatNow(): void {
    this.#sink.tell({ type: "worker-heartbeat", ...this.#facts() }, true);
  }

  /** Says that the worker stops, and tells no more. */
  async stop(): Promise<void> {
    this.#cancelBeat();
    this.#sink.tell({ type: "worker-offline", ...this.#facts() });
    await this.#sink.stop();
  }

  /** Tells that tasks were taken from their queues. */
  received(all: readonly Held[]): void {
    for (const { envelope, delivery, told, receivedAt } of all) {
      if (told === true) {
        this.#sink.add(receivedTuple(receivedAt, envelope, delivery));
      }
    }
  }

  /** Tells that a task began. */
  started({ envelope, told }: Held, at: number): void {
    if (!this.#wants(told)) return;
    this.#sink.add(startedTuple(at, envelope.id, nameOf(envelope)));
  }

  /** Tells what a task says of itself. */
  custom({ envelope, told }: Held, { type, fields }: CustomEvent): void {
    if (!this.#wants(told)) return;
    const name = nameOf(envelope);
    this.#sink.tell({ type, uuid: envelope.id, name, fields });
  }

  /** Tells how a task ended. */
  ended({ envelope, told }: Held, outcome: Outcome): void {
    if (outcome.kind === "success") {
      if (this.#wants(told)) this.#succeeded(envelope, outcome);
      return;
    }
    if (!this.active) return;
    const uuid = envelope.id;
    const name = nameOf(envelope);
    const runtime = runtimeOf(outcome);
    switch (outcome.kind) {
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

  // What came while nobody watched is told if by now somebody does.
  #wants(told: boolean | undefined): boolean {
    return told ?? this.active;
  }

  #succeeded(envelope: Envelope, outcome: Outcome & { kind: "success" }): void {
    this.#sink.add(
      succeededTuple(outcome.endedAt, envelope.id, nameOf(envelope), {
        runtime: runtimeOf(outcome) ?? 0,
        result: eventText(outcome.value ?? ""),
      }),
    );
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

function runtimeOf({ startedAt, endedAt }: Outcome): number | undefined {
  return startedAt === undefined ? undefined : endedAt - startedAt;
}

function nameOf({ task, shadow }: Envelope): string {
  return shadow ?? task;
}

function errorFields(text: string): Partial<OwnEvent> {
  const error = decodeError(text);
  return { exception: eventText(String(error)), traceback: remoteStack(error) };
}
