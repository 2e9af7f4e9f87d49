/**
 * Sending a canvas: it is frozen, unfolded, and what it begins with is
 * published together with the groups that are to be counted.
 *
 * @module
 */

import { currentTask } from "../current.ts";
import { ConfigError } from "../errors.ts";
import type { Internals } from "../internals.ts";
import type { CanvasJson } from "../message/canvas_json.ts";
import type { GroupMember } from "../producer/group_result.ts";
import type { RunEagerly } from "../producer/producer.ts";
import type { Launcher, LaunchOptions } from "../producer/sender.ts";
import { freeze, hasChosenIds } from "./freeze.ts";
import { handleOf } from "./handle.ts";
import { refuseIgnored } from "./refuse_ignored.ts";
import { refuseUnique } from "./refuse_unique.ts";
import { messagesOf, unfold } from "./unfold.ts";

/** Sends the canvases of an app. */
export class CanvasLauncher implements Launcher {
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
    const current = currentTask();
    const unfolded = unfold(this.#app, frozen, { parent: current, values });
    const { envelopes, plans } = unfolded;
    const { groups } = messagesOf(this.#app, { envelopes: [], plans });
    if (groups.length > 0 && options.tx !== undefined) throw refusedInTx();
    await this.#app.producer.publish(envelopes, {
      options,
      idsChosen: taskId !== undefined || hasChosenIds(canvas),
      groups,
    });
    for (const { id } of envelopes) current?.children.push(id);
    for (const { body } of groups) current?.children.push(body.id);
    return handleOf(this.#app, frozen);
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

function refusedInTx(): ConfigError {
  return new ConfigError(
    "A chord, or a group with a task after it, cannot be sent in a transaction: send a task in it that sends the canvas",
  );
}
