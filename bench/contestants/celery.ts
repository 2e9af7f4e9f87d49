/**
 * Celery on Redis, where Python has it.
 *
 * @module
 */

import { Redis } from "ioredis";
import {
  type Contestant,
  type Launch,
  pathOf,
  type Settings,
  type Watch,
} from "./contestant.ts";

/** A Python that can import Celery and its Redis client, if there is one. */
export async function findCelery(): Promise<string | undefined> {
  const own = Deno.env.get("LOVAGE_BENCH_PYTHON");
  const places = own === undefined ? ["python3", "/usr/bin/python3"] : [own];
  for (const python of places) {
    try {
      const { success } = await new Deno.Command(python, {
        args: ["-c", "import celery, redis"],
        stdout: "null",
        stderr: "null",
      }).output();
      if (success) return python;
    } catch {
      // There is no such program.
    }
  }
  return undefined;
}

/** Celery with its default pool, two processes. */
export function celery(python: string): Contestant {
  return {
    name: "Celery",
    store: "redis",
    counts: { one: 1_000, flight: 1_000, bulk: 2_000, drain: 4_000 },
    bulk: { batch: 1_000, lanes: 1 },
    variants: ["prefork x 2"],
    drains: ["results", "bare"],
    answers: true,
    backlog: false,
    reports: false,
    producer: (role, settings) =>
      launch(python, settings, [
        ...["celery_producer.py", role, JSON.stringify(settings)],
      ]),
    worker: (settings) =>
      launch(python, settings, [
        ...["-m", "celery", "-A", "celery_tasks", "worker", "-c", "2"],
        ...["-l", "error", "-n", `bench-${crypto.randomUUID()}@%h`],
      ]),
    watch,
  };
}

function launch(
  python: string,
  { url }: Settings,
  args: readonly string[],
): Launch {
  return {
    program: python,
    args,
    cwd: pathOf("peers"),
    // Celery would say that it runs as root.
    env: { BENCH_URL: url, C_FORCE_ROOT: "1", PYTHONDONTWRITEBYTECODE: "1" },
  };
}

function watch(url: string): Promise<Watch> {
  const redis = new Redis(url);
  return Promise.resolve({
    left: async () => await redis.llen("celery") + await redis.hlen("unacked"),
    async close() {
      await redis.quit();
    },
  });
}
