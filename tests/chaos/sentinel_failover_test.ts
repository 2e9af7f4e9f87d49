/**
 * A master that is lost, and the failover of Sentinel, while tasks flow.
 *
 * A master confirms what its replica does not have yet: no client can change
 * that such things are lost with it. So writes are held back until the replica
 * has everything, and then the master dies.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { startSentinel } from "../adapters/fixtures/redis_sentinel.ts";
import {
  type RedisServer,
  serverTest,
  startRedis,
} from "../adapters/fixtures/redis_server.ts";
import { Flow, TASKS } from "./fixtures/flow.ts";
import {
  completionsInJournal,
  JOURNAL_SETTINGS,
} from "./fixtures/redis_journal.ts";
import { reached } from "./fixtures/reached.ts";

serverTest("a failover in the midst of work loses nothing", async () => {
  const master = await startRedis(["--repl-diskless-sync-delay", "0"]);
  const replica = await startRedis([
    ...JOURNAL_SETTINGS,
    ...["--replicaof", `127.0.0.1 ${master.port}`],
  ]);
  const sentinel = await startSentinel(master);
  try {
    await holds(
      "the replica to be in step",
      async () =>
        await field(replica, "replication", "master_link_status") === "up" &&
        await field(replica, "persistence", "aof_rewrite_in_progress") === "0",
    );
    await holds(
      "the sentinel to know the replica",
      async () =>
        (await sentinel.cli("sentinel", "replicas", "main"))
          .includes(String(replica.port)),
    );
    await using flow = await Flow.on({
      url: `redis+sentinel://127.0.0.1:${sentinel.port}/main`,
      watch: () => Promise.resolve(),
      completions: () => completionsInJournal(replica.directory),
    });
    flow.worker("a@chaos");
    flow.worker("b@chaos");
    flow.send();
    await flow.executed(TASKS / 3);
    await loseMaster(master, replica);
    await flow.settled();
    assertEquals(await field(replica, "replication", "role"), "master");
  } finally {
    for (const server of [sentinel, replica, master]) await server.stop();
  }
}, { sanitizeOps: false, sanitizeResources: false });

/** Ends the master once its replica has all that it confirmed. */
async function loseMaster(
  master: RedisServer,
  replica: RedisServer,
): Promise<void> {
  await master.cli("client", "pause", "60000", "write");
  const confirmed = await field(master, "replication", "master_repl_offset");
  await reached(
    async () =>
      Number(await field(replica, "replication", "slave_repl_offset")),
    Number(confirmed),
    "bytes replicated",
  );
  await master.kill();
}

/** A field of what a server says about itself. */
async function field(
  server: RedisServer,
  section: string,
  name: string,
): Promise<string | undefined> {
  const info = await server.cli("info", section);
  return new RegExp(`^${name}:(.*?)\r?$`, "m").exec(info)?.[1];
}

function holds(what: string, condition: () => Promise<boolean>): Promise<void> {
  return reached(async () => await condition() ? 1 : 0, 1, what);
}
