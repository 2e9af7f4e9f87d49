/** What only one process of a machine does at a time. */

import { join } from "node:path";

/** Where what is kept between runs lies. */
export const KEPT = Deno.env.get("TMPDIR") ?? "/tmp";

/** Waits for its turn, which lasts until the lock is disposed of. */
export async function machineLock(name: string): Promise<Disposable> {
  const path = join(KEPT, `lovage-${name}.lock`);
  const lock = await Deno.open(path, { create: true, write: true });
  await lock.lock(true);
  return lock;
}
