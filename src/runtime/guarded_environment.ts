/**
 * The environment as it is seen while something is loaded.
 *
 * @module
 */

import process from "node:process";
import { isDeno } from "./process.ts";

/**
 * Loads what looks through all of the environment for settings of its own
 * (ioredis does, for `DEBUG`), which Deno allows only to who may read all of
 * it. It finds what may be read, and nothing else; others see no difference.
 */
export async function withGuardedEnvironment<T>(
  load: () => Promise<T>,
): Promise<T> {
  if (mayReadAll()) return await load();
  const { env } = process;
  const guarded: NodeJS.ProcessEnv = new Proxy({}, {
    get: (_, name) => orNothing(() => Reflect.get(env, name)),
    has: (_, name) => orNothing(() => Reflect.has(env, name)) ?? false,
    ownKeys: () => [],
    set: () => true,
    deleteProperty: () => true,
  });
  process.env = guarded;
  try {
    return await load();
  } finally {
    if (process.env === guarded) process.env = env;
  }
}

function mayReadAll(): boolean {
  if (!isDeno()) return true;
  const { state, partial } = Deno.permissions.querySync({ name: "env" });
  return state === "granted" && partial !== true;
}

function orNothing<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
