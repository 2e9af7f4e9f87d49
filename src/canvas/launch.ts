/**
 * Sending a canvas: it is frozen, unfolded, and what it begins with is
 * published together with the groups that are to be counted.
 *
 * @module
 */

import { currentTask } from "../current.ts";
import type { Internals } from "../internals.ts";
import type { CanvasJson } from "../message/canvas_json.ts";
import type { Envelope } from "../message/envelope.ts";
import type { GroupMember } from "../producer/group_result.ts";
import type { RunEagerly } from "../producer/producer.ts";
import type { Beginning, Canvases, LaunchOptions } from "../producer/sender.ts";
import { LARGEST_PUBLISH } from "../producer/publisher.ts";
import { freeze, hasChosenIds } from "./freeze.ts";
import { dismiss, guardOf } from "./guard.ts";
import { handleOf } from "./handle.ts";
import { refuseIgnored } from "./refuse_ignored.ts";
import { refuseUnique } from "./refuse_unique.ts";
import { messagesOf, unfold, type Unfolded } from "./unfold.ts";

/** The task that sends a canvas; workers do so without running it. */
export const LAUNCH = "lovage.launch";

/** Sends the canvases of an app. */
export class CanvasLauncher implements Canvases {
  readonly #app: Internals;
  readonly #runEagerly: RunEagerly;

  /** Nothing is connected yet. */
  constructor(app: Internals, runEagerly: RunEagerly) {
    this.#app = app;
    this.#runEagerly = runEagerly;
  }

  /** Sends a canvas; see {@linkcode Launcher.launch}. */
  launch(
    canvas: CanvasJson,
    values: readonly unknown[],
    options: LaunchOptions = {},
  ): Promise<GroupMember> {
    const { current: telemetry } = this.#app.telemetry;
    return telemetry === null
      ? this.#launch(canvas, values, options)
      : telemetry.launch(() => this.#launch(canvas, values, options));
  }

  async #launch(
    canvas: CanvasJson,
    values: readonly unknown[],
    { taskId, ...options }: LaunchOptions,
  ): Promise<GroupMember> {
    const frozen = this.prepare(canvas, taskId);
    if (this.#app.settings().taskAlwaysEager) {
      return await this.#runEagerly.canvas(this.#app, frozen, values);
    }
    const begun = this.begin(frozen, values, options);
    const { envelopes, groups, handle, children, guard } = begun;
    const all = guard === undefined ? envelopes : [guard, ...envelopes];
    await this.#app.producer.publish(all, {
      options,
      idsChosen: taskId !== undefined || hasChosenIds(canvas),
      groups,
    });
    if (guard !== undefined) await dismiss(this.#app, guard);
    currentTask()?.children.push(...children);
    return handle;
  }

  /** What a canvas begins with; see {@linkcode Canvases.begin}. */
  begin(
    canvas: CanvasJson,
    values: readonly unknown[],
    { tx }: LaunchOptions,
  ): Beginning {
    const app = this.#app;
    const parent = currentTask();
    const unfolded = unfold(app, canvas, { parent, values });
    const { plans } = unfolded;
    // A transaction takes messages, but no groups: they begin after it.
    const envelopes = tx === undefined || plans.length === 0
      ? unfolded.envelopes
      : [launchLater(app, canvas, values, unfolded)];
    const { groups } = messagesOf(app, {
      envelopes: [],
      plans: envelopes === unfolded.envelopes ? plans : [],
    });
    const children = [...envelopes, ...groups.map(({ body }) => body)]
      .map(({ id }) => id);
    const guard = envelopes.length > LARGEST_PUBLISH
      ? guardOf(app, unfolded)
      : undefined;
    return {
      envelopes,
      groups,
      handle: handleOf(app, canvas),
      children,
      guard,
    };
  }

  /** Runs a canvas here and now. */
  async launchEagerly(
    canvas: CanvasJson,
    values: readonly unknown[],
  ): Promise<GroupMember> {
    const frozen = this.prepare(canvas);
    return await this.#runEagerly.canvas(this.#app, frozen, values);
  }

  /**
   * A canvas as it can be sent.
   *
   * @param taskId the id of what ends last
   */
  prepare(canvas: CanvasJson, taskId?: string): CanvasJson {
    const frozen = freeze(canvas, taskId);
    refuseIgnored(this.#app, frozen);
    refuseUnique(this.#app, frozen);
    return frozen;
  }
}

/** A task that sends the canvas once it is taken by a worker. */
function launchLater(
  { producer }: Internals,
  canvas: CanvasJson,
  values: readonly unknown[],
  { envelopes: [first] }: Unfolded,
): Envelope {
  // As it travels: without what is not said.
  const plain = JSON.parse(JSON.stringify(canvas));
  return producer.envelope(LAUNCH, [plain, values], {
    queue: first?.queue,
    priority: first?.priority,
  });
}
