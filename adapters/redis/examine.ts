/**
 * A look at the server when it is opened: whether Lovage can work with it,
 * and what about it is a danger.
 *
 * @module
 */

import { StoreError } from "../../src/errors.ts";
import type { Client } from "./client.ts";
import type { DriverFactory } from "./driver.ts";

/** The oldest version that has all commands. */
const OLDEST = [6, 2] as const;

/**
 * Examines the server.
 *
 * @returns what to warn of
 * @throws {StoreError} when Lovage cannot work with it
 */
export async function examine(
  client: Client,
  { cluster, sentinels }: DriverFactory,
): Promise<string[]> {
  const info = await readInfo(client);
  const { address } = client;
  const version = info.get("redis_version") ?? "";
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (
    version !== "" &&
    (major < OLDEST[0] || major === OLDEST[0] && minor < OLDEST[1])
  ) {
    throw new StoreError(
      `The Redis store ${address} has version ${version}: Lovage needs ` +
        `${OLDEST.join(".")} or newer, or Valkey`,
      { transient: false },
    );
  }
  if (!cluster && info.get("cluster_enabled") === "1") {
    throw new StoreError(
      `${address} is a node of a Redis Cluster: write redis+cluster://host:port`,
      { transient: false },
    );
  }
  if (!cluster && info.get("role") === "slave") {
    throw new StoreError(
      `The Redis store ${address} is a read-only replica: give the address ` +
        "of its master, or of the sentinels (redis+sentinel://)",
      // Sentinels may name a master a moment before it knows that it is one.
      { transient: sentinels },
    );
  }
  const policy = info.get("maxmemory_policy") ?? "noeviction";
  if (policy === "noeviction") return [];
  return [
    `The Redis store ${address} may drop tasks when its memory is full: set ` +
    `\`maxmemory-policy\` to noeviction (it is ${policy})`,
  ];
}

async function readInfo(client: Client): Promise<Map<string, string>> {
  try {
    const text = String(await client.commandOnce("INFO", []));
    return new Map(
      text.split("\r\n").map((line) => {
        const [name = "", ...value] = line.split(":");
        return [name, value.join(":")];
      }),
    );
  } catch (error) {
    // Not everybody may ask; then the errors of commands tell.
    if (/NOPERM/.test(String((error as Error).cause))) return new Map();
    throw error;
  }
}
