/**
 * What an app does by rooms that must not be in every bundle: each is loaded
 * when it is first asked for.
 *
 * @module
 */

import { loadModule } from "./lazy.ts";
import type { RunEagerly } from "./producer/producer.ts";
import type { LoadStore } from "./producer/stores.ts";

/** What finds the modules of tasks. */
export function loadDiscovery(): Promise<
  typeof import("./runtime/discover.ts")
> {
  return loadModule("./runtime/discover");
}

/** What starts workers. */
export function loadWorkers(): Promise<typeof import("./worker/start.ts")> {
  return loadModule("./worker/start");
}

/** What works off what is ready. */
export function loadDrain(): Promise<typeof import("./worker/drain.ts")> {
  return loadModule("./worker/drain");
}

/** What starts beats. */
export function loadBeats(): Promise<typeof import("./beat/start.ts")> {
  return loadModule("./beat/start");
}

/** What says where a task is. */
export function loadExplain(): Promise<typeof import("./control/explain.ts")> {
  return loadModule("./control/explain");
}

/** What goes through the checklist of production. */
export function loadCheck(): Promise<
  typeof import("./control/check/check.ts")
> {
  return loadModule("./control/check/check");
}

/** Makes the store of a URL. */
export const loadStore: LoadStore = async (url, clock) => {
  const module = await loadModule<typeof import("./runtime/load_store.ts")>(
    "./runtime/load_store",
  );
  return await module.loadStore(url, clock);
};

/** Runs at the call what is sent. */
export const runEagerly: RunEagerly = {
  task: async (...call) => await (await loadEager()).runEagerly(...call),
  canvas: async (...call) => await (await loadEager()).runCanvas(...call),
};

function loadEager(): Promise<typeof import("./worker/eager.ts")> {
  return loadModule("./worker/eager");
}

/** Who sends, in Celery's manner. Where there is no process, nobody knows. */
export async function whoSends(): Promise<{ hostname: string; pid: number }> {
  try {
    const { machineFacts, pid } = await loadModule<
      typeof import("./runtime/machine.ts")
    >("./runtime/machine");
    return { hostname: `gen${pid()}@${machineFacts().hostname}`, pid: pid() };
  } catch {
    return { hostname: "gen@unknown", pid: 0 };
  }
}
