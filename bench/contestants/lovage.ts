/**
 * Lovage itself.
 *
 * @module
 */

import { openStore } from "../open_store.ts";
import type { StoreName } from "../servers.ts";
import {
  type Contestant,
  type Counts,
  type Launch,
  pathOf,
  type Settings,
  type Watch,
} from "./contestant.ts";

const COUNTS: Record<StoreName, Counts> = {
  sqlite: { one: 2_000, flight: 50_000, bulk: 100_000, drain: 60_000 },
  redis: { one: 20_000, flight: 200_000, bulk: 400_000, drain: 300_000 },
  postgres: { one: 4_000, flight: 60_000, bulk: 200_000, drain: 240_000 },
};

// What examples/deploy set for workers: a young generation of 8 MB instead of 32.
const AS_DEPLOYED = { DENO_V8_FLAGS: "--max-semi-space-size=8" };

/** Lovage on a store. */
export function lovage(store: StoreName): Contestant {
  return {
    name: "Lovage",
    store,
    counts: COUNTS[store],
    bulk: { batch: 1_000, lanes: store === "sqlite" ? 1 : 4 },
    variants: ["async"],
    drains: ["results", "bare"],
    answers: true,
    backlog: true,
    reports: true,
    producer: driver,
    worker: (settings) => driver("work", settings),
    watch,
  };
}

function driver(role: string, settings: Settings): Launch {
  return {
    program: Deno.execPath(),
    args: [
      ...["run", "-A", pathOf("drivers/lovage.ts"), role],
      JSON.stringify(settings),
    ],
    env: { BENCH_URL: settings.url, ...(role === "work" ? AS_DEPLOYED : {}) },
  };
}

/** A worker of an app whose tasks have limits. */
export function lovageLimited(settings: Settings): Launch {
  return {
    program: Deno.execPath(),
    args: [
      ...["run", "-A", pathOf("drivers/lovage_limited.ts"), "work"],
      JSON.stringify(settings),
    ],
    env: { BENCH_URL: settings.url, ...AS_DEPLOYED },
  };
}

/** A producer of canvases. */
export function lovageCanvas(
  url: string,
  settings: Readonly<Record<string, unknown>>,
): Launch {
  return {
    program: Deno.execPath(),
    args: [
      ...["run", "-A", pathOf("drivers/lovage_canvas.ts"), "canvas"],
      JSON.stringify(settings),
    ],
    env: { BENCH_URL: url },
  };
}

/** A beat. */
export function lovageBeat(url: string): Launch {
  return {
    program: Deno.execPath(),
    args: ["run", "-A", pathOf("drivers/lovage_beat.ts")],
    env: { BENCH_URL: url },
  };
}

/** A process that watches events, every other so many ms. */
export function lovageWatcher(url: string, turn: number): Launch {
  return {
    program: Deno.execPath(),
    args: ["run", "-A", pathOf("drivers/lovage_watcher.ts"), String(turn)],
    env: { BENCH_URL: url },
  };
}

/** A process that sends tasks and works them off, with its environment. */
export function lovageTelemetry(
  url: string,
  settings: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string>>,
): Launch {
  return {
    program: Deno.execPath(),
    args: [
      ...["run", "-A", pathOf("drivers/lovage_telemetry.ts")],
      JSON.stringify(settings),
    ],
    env: { BENCH_URL: url, ...env },
  };
}

/** A worker as users start it, by the command line. */
export function lovageCli(url: string, flags: readonly string[]): Launch {
  return {
    program: Deno.execPath(),
    args: [
      ...["run", "-A", pathOf("../cli.ts"), "worker"],
      ...["--app", pathOf("drivers/lovage_tasks.ts"), "--loglevel", "warning"],
      ...flags,
    ],
    env: { BENCH_URL: url },
  };
}

async function watch(url: string): Promise<Watch> {
  const store = await openStore(url);
  const any = async (status: "queued" | "running") => {
    const { items } = await store.inspector.tasks({ status }, { limit: 1 });
    return items.length;
  };
  return {
    left: async () => await any("queued") + await any("running"),
    close: () => store.close(),
  };
}
