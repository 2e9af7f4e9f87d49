/**
 * From a call to its envelope: where it goes, when, and under which id.
 *
 * @module
 */

import { type CurrentTask, currentTask } from "../current.ts";
import { ConfigError } from "../errors.ts";
import type { Internals } from "../internals.ts";
import { type CanvasJson, isSignature } from "../message/canvas_json.ts";
import type { Envelope } from "../message/envelope.ts";
import { isTaskId, uuid7 } from "../message/ids.ts";
import { encodeArgs } from "../message/json_codec.ts";
import {
  type Duration,
  type Instant,
  parseDuration,
  parseInstant,
} from "../message/time.ts";
import { isDuration } from "../options.ts";
import { refuseContradictions, uniqueOf } from "../task_limits.ts";
import type { TaskPolicy } from "../task_policy.ts";
import type { CallOptions } from "./call_options.ts";
import { keyOf } from "./attachments.ts";
import { Router } from "./router.ts";
import { asArray, type Canvases } from "./sender.ts";

/** What a task takes from the one that it is sent by or follows. */
export type Parent =
  & Pick<CurrentTask, "id" | "rootId" | "priority">
  & Pick<Envelope, "headers">;

/** Makes the envelopes of an app. */
export class Envelopes {
  readonly #app: Internals;
  readonly #canvases: Canvases;
  #router: Router | null = null;

  /** Routes are read when the first envelope is made. */
  constructor(app: Internals, canvases: Canvases) {
    this.#app = app;
    this.#canvases = canvases;
  }

  /**
   * The envelope of a call.
   *
   * @param parent the task that it is sent by or follows
   * @throws {EncodeError} when an argument or header cannot be sent
   * @throws {ConfigError} when the queue must not be used
   */
  of(
    task: string,
    args: readonly unknown[],
    options: CallOptions,
    parent: Parent | undefined = currentTask(),
  ): Envelope {
    const now = this.#app.clock().now();
    const id = options.taskId === undefined
      ? uuid7()
      : checkedId(options.taskId);
    const { queue, priority } = this.#destination(
      task,
      args,
      options,
      parent,
    );
    const { args: encoded, kwargs, meta } = encodeArgs(args, options.kwargs);
    const envelope: Envelope = {
      v: 1,
      id,
      task,
      args: encoded,
      retries: 0,
      sentAt: now,
      rootId: parent?.rootId ?? id,
      queue,
      priority,
    };
    const expires = this.#expires(task, options, now);
    const headers = this.#headers(options, parent);
    // Most calls say no more, and each member costs, also an undefined one.
    return isEmpty(options) && parent === undefined && meta === undefined &&
        expires === undefined && headers === undefined
      ? envelope
      : {
        ...envelope,
        ...{ kwargs, meta, expires, headers },
        parentId: parent?.id,
        ...this.#said(task, args, options, now),
      };
  }

  /** What a call says beside its arguments and where they go. */
  #said(
    task: string,
    args: readonly unknown[],
    options: CallOptions,
    now: number,
  ): Partial<Envelope> {
    checkLimits(task, options);
    return {
      eta: etaOf(options, now),
      softTimeLimit: limitOf(options.softTimeLimit, "softTimeLimit"),
      timeLimit: limitOf(options.timeLimit, "timeLimit"),
      link: this.#links(options.link),
      linkError: this.#links(options.linkError),
      ignoreResult: options.ignoreResult,
      shadow: options.shadow,
      unique: options.unique === undefined
        ? undefined
        : uniqueCall(task, args, options, this.#policy(task)),
    };
  }

  #policy(task: string): TaskPolicy | undefined {
    return this.#app.tasks.get(task)?.policy(this.#app.settings());
  }

  #expires(
    task: string,
    { expires }: CallOptions,
    now: number,
  ): number | undefined {
    if (expires === undefined) {
      const byDefault = this.#policy(task)?.expires ?? null;
      return byDefault === null ? undefined : now + byDefault;
    }
    return isDuration(expires) === null
      ? now + parseDuration(expires as Duration, "expires")
      : parseInstant(expires as Instant, "expires");
  }

  #headers(
    { headers }: CallOptions,
    parent: Parent | undefined,
  ): Envelope["headers"] {
    const carrier = this.#app.telemetry.current?.carrier(parent?.headers);
    return headers === undefined && carrier === undefined
      ? undefined
      : { ...carrier, ...headers };
  }

  /** Called when the settings change. */
  reset(): void {
    this.#router = null;
  }

  // Links get their ids when they are sent, not when they are followed: a
  // repeated settlement then publishes the same task, not another.
  #links(given: CallOptions["link"]): readonly CanvasJson[] | undefined {
    if (given === undefined) return undefined;
    return asArray(given).map((each) => {
      const json = each.toJSON();
      if (!isSignature(json)) return this.#canvases.prepare(json);
      const taskId = json.options["taskId"] ?? uuid7();
      return { ...json, options: { ...json.options, taskId } };
    });
  }

  #destination(
    task: string,
    args: readonly unknown[],
    options: CallOptions,
    parent: Parent | undefined,
  ): { queue: string; priority: number } {
    const settings = this.#app.settings();
    const known = this.#app.tasks.get(task);
    this.#router ??= new Router(settings.taskRoutes);
    const route = this.#router.route(task, args);
    const queue = options.queue ?? route.queue ?? known?.options.queue ??
      settings.taskDefaultQueue;
    if (
      !settings.taskCreateMissingQueues && !settings.taskQueues.includes(queue)
    ) {
      throw new ConfigError(
        `Task "${task}" is routed to queue "${queue}", which is not in taskQueues (${
          settings.taskQueues.join(", ")
        }), and taskCreateMissingQueues is off`,
      );
    }
    const inherited = settings.taskInheritParentPriority
      ? parent?.priority
      : undefined;
    const priority = options.priority ?? route.priority ??
      known?.options.priority ?? inherited ?? settings.taskDefaultPriority;
    return { queue, priority };
  }
}

function isEmpty(options: CallOptions): boolean {
  for (const _ in options) return false;
  return true;
}

function checkedId(id: string): string {
  if (!isTaskId(id)) {
    throw new ConfigError(
      `A task id must be 1 to 255 characters without control characters, but it is ${
        JSON.stringify(String(id).slice(0, 80))
      }`,
    );
  }
  return id;
}

/** What a call says of uniqueness; its arguments are known only here. */
function uniqueCall(
  task: string,
  args: readonly unknown[],
  { unique: given, kwargs }: CallOptions,
  policy: TaskPolicy | undefined,
): Envelope["unique"] {
  const unique = uniqueOf(given);
  if (unique === null) return false;
  const { key, for: span, onConflict } = unique;
  refuseContradictions(
    `the call of "${task}"`,
    unique,
    policy?.acksLate ?? true,
  );
  return {
    key: typeof key === "function"
      ? keyOf(task, key, kwargs === undefined ? args : [...args, kwargs])
      : key ?? undefined,
    for: span ?? undefined,
    onConflict,
  };
}

function etaOf(options: CallOptions, now: number): number | undefined {
  if (options.eta !== undefined && options.countdown !== undefined) {
    throw new ConfigError("Give either countdown or eta, not both");
  }
  if (options.eta !== undefined) return parseInstant(options.eta, "eta");
  if (options.countdown === undefined) return undefined;
  const countdown = parseDuration(options.countdown, "countdown");
  return countdown === 0 ? undefined : now + countdown;
}

function checkLimits(task: string, options: CallOptions): void {
  const soft = limitOf(options.softTimeLimit, "softTimeLimit");
  const hard = limitOf(options.timeLimit, "timeLimit");
  if (!soft || !hard || soft < hard) return;
  throw new ConfigError(
    `softTimeLimit (${soft} ms) of the call of "${task}" must be shorter than its timeLimit (${hard} ms), otherwise it never comes to bear`,
  );
}

// `null` lifts the task's own limit for this call; it travels as 0.
function limitOf(
  given: Duration | null | undefined,
  what: string,
): number | undefined {
  if (given === undefined) return undefined;
  return given === null ? 0 : parseDuration(given, what);
}
