/**
 * An app under test.
 *
 * @module
 */

import { memoryStore } from "../../adapters/memory/mod.ts";
import type { Lovage } from "../app.ts";
import type { Config } from "../config.ts";
import type { Clock } from "../contracts/clock.ts";
import { internalsOf } from "../internals.ts";
import { checkOptions, isBoolean, isObject } from "../options.ts";
import { FakeClock } from "./fake_clock.ts";

/** How an app is put under test. */
export interface TestAppOptions<C extends Clock = FakeClock> {
  /** Where time comes from. Defaults to a new {@linkcode FakeClock}. */
  readonly clock?: C | undefined;
  /**
   * Run tasks where they are called, and throw their errors there.
   *
   * @default {false}
   */
  readonly eager?: boolean | undefined;
}

/** An app under test, until it is disposed of. */
export interface TestApp<C extends Clock = FakeClock> extends AsyncDisposable {
  /** Where its time comes from. */
  readonly clock: C;
  /** Closes the app and gives it the settings back that it had before. */
  close(): Promise<void>;
}

/**
 * Puts an app under test: on a store in memory that nobody else has, and a
 * clock that stands still. To be used with `await using`.
 *
 * @throws {ConfigError} when the app is in use already
 */
export function testApp<C extends Clock = FakeClock>(
  app: Lovage,
  options: TestAppOptions<C> = {},
): TestApp<C> {
  checkOptions("testApp()", options, { clock: isObject, eager: isBoolean });
  const clock = options.clock ?? new FakeClock() as unknown as C;
  const before = overridden(app);
  app.configure({
    store: memoryStore({ clock }),
    clock,
    ...(options.eager === undefined ? {} : {
      taskAlwaysEager: options.eager,
      taskEagerPropagates: options.eager,
    }),
  });
  const close = async () => {
    await app.close();
    app.configure(before);
  };
  return { clock, close, [Symbol.asyncDispose]: close };
}

/** The settings that a test takes the place of. */
function overridden(app: Lovage): Config {
  const settings = internalsOf(app).settings();
  return {
    store: settings.store ?? undefined,
    clock: settings.clock ?? undefined,
    taskAlwaysEager: settings.taskAlwaysEager,
    taskEagerPropagates: settings.taskEagerPropagates,
  };
}
