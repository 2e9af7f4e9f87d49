/**
 * Puts the parts of an app together. They need each other in circles, but only
 * once they are used; nothing is connected here.
 *
 * @module
 */

import { TaskRegistry } from "./canvas/builtins.ts";
import { CanvasLauncher } from "./canvas/launch.ts";
import { Hooks, type Middleware } from "./events.ts";
import type { Internals } from "./internals.ts";
import { loadStore, runEagerly } from "./lazy_rooms.ts";
import { Outbox } from "./producer/outbox.ts";
import { Producer } from "./producer/producer.ts";
import { ResultWaiter } from "./producer/result_waiter.ts";
import { Stores } from "./producer/stores.ts";
import { StaticEntries } from "./schedules/static_entries.ts";
import { systemClock } from "./service/clock.ts";
import type { Settings } from "./settings.ts";
import { TelemetrySlot } from "./telemetry/telemetry.ts";

/** The parts of an app, and those that its face adds to. */
export interface ComposedApp {
  /** The parts, as the rooms see them. */
  readonly internals: Internals;
  /** Takes the tasks that are defined. */
  readonly tasks: TaskRegistry;
  /** Takes what wraps publishing and running. */
  readonly middleware: Middleware[];
}

/** Puts an app together. */
export function composeApp(
  name: string,
  settings: () => Settings,
): ComposedApp {
  const tasks = new TaskRegistry();
  const middleware: Middleware[] = [];
  const stores = new Stores(settings, loadStore);
  const internals: Internals = {
    name,
    settings,
    clock: () => settings().clock ?? systemClock,
    tasks,
    hooks: new Hooks(),
    middleware,
    telemetry: new TelemetrySlot(),
    stores,
    waiter: new ResultWaiter(stores),
    outbox: new Outbox(settings, loadStore, stores),
    get producer(): Producer {
      return producer;
    },
    get staticEntries(): StaticEntries {
      return staticEntries;
    },
  };
  const staticEntries = new StaticEntries(internals);
  const producer = new Producer(
    internals,
    runEagerly,
    new CanvasLauncher(internals, runEagerly),
  );
  tasks.addBuiltins(internals);
  return { internals, tasks, middleware };
}
