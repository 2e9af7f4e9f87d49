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

/** So many keys are looked at to see whether others have some. */
const SAMPLE = 100;

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
      { transient: sentinels.length > 0 },
    );
  }
  const found = [
    info.size === 0 ? SILENT : undefined,
    isFull(info),
    evicts(info),
    await forgets(client, info),
    // In a cluster there is one database, and one node does not know it all.
    cluster ? undefined : await isShared(client),
  ];
  return found.filter((each) => each !== undefined)
    .map((each) => `The Redis store ${address} ${each}`);
}

/** What is said of a server that may not be asked. */
const SILENT =
  "cannot be asked whether it keeps what it accepts, as its user " +
  "may not run INFO: grant it +info and +config|get";

/** Less room than this share of the memory is as good as none. */
const LITTLE_ROOM = 0.05;

type Info = ReadonlyMap<string, string>;

function isFull(info: Info): string | undefined {
  const most = Number(info.get("maxmemory") ?? 0);
  const used = Number(info.get("used_memory") ?? 0);
  if (most === 0 || used < most * (1 - LITTLE_ROOM)) return undefined;
  return `is ${used < most ? "nearly " : ""}full, and takes no more tasks ` +
    `${used < most ? "soon" : "now"}: raise \`maxmemory\` (it holds ` +
    `${inMegabytes(used)} of ${
      inMegabytes(most)
    }), or let results expire sooner`;
}

function inMegabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MB`;
}

function evicts(info: Info): string | undefined {
  const policy = info.get("maxmemory_policy") ?? "noeviction";
  if (policy === "noeviction") return undefined;
  return "may drop tasks when its memory is full: set " +
    `\`maxmemory-policy\` to noeviction (it is ${policy})`;
}

/** What a restart of the server would take. */
async function forgets(
  client: Client,
  info: Info,
): Promise<string | undefined> {
  if (info.get("aof_enabled") !== "0") return undefined;
  if (info.get("rdb_last_bgsave_status") === "err") {
    return "may lose tasks when it restarts, as its last snapshot failed: " +
      "look at its log";
  }
  const [, save] = await ifAllowed(client, "CONFIG", ["GET", "save"]) as
    | unknown[]
    | null ?? [];
  if (save !== "") return undefined;
  return "may lose tasks when it restarts, as it writes nothing to disk: set " +
    "`appendonly` to yes";
}

/** Whether keys of others are among the first that the server names. */
async function isShared(client: Client): Promise<string | undefined> {
  const answer = await ifAllowed(client, "SCAN", [0, "COUNT", SAMPLE]);
  const [, keys] = Array.isArray(answer) ? answer : [];
  if (!Array.isArray(keys)) return undefined;
  if (keys.every((key) => String(key).startsWith(client.prefix))) {
    return undefined;
  }
  return "shares its database with others, who may fill its memory or flush " +
    "it: give Lovage a database, or better a server, of its own";
}

/** The answer; `null` where the user or the provider does not allow to ask. */
async function ifAllowed(
  client: Client,
  command: string,
  args: readonly (string | number)[],
): Promise<unknown> {
  try {
    return await client.commandOnce(command, args);
  } catch (error) {
    if (isRefusal(error)) return null;
    throw error;
  }
}

function isRefusal(error: unknown): boolean {
  const cause = String((error as Error).cause);
  return /NOPERM|unknown command|not allowed|disabled/i.test(cause);
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
    if (isRefusal(error)) return new Map();
    throw error;
  }
}
