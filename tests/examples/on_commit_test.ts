/**
 * The example of the race between a worker and a commit, run for real.
 */

import { assertEquals } from "@std/assert";
import { Servers, serversTest } from "../app/fixtures/servers.ts";

const ROOT = new URL("../../", import.meta.url);

const servers = new Servers();

/** What it prints, one line each. */
async function demo(env: Readonly<Record<string, string>>): Promise<string[]> {
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "examples/on_commit/demo.ts"],
    cwd: ROOT,
    env: { NO_COLOR: "1", ...env },
    stderr: "inherit",
  }).output();
  assertEquals(code, 0);
  return new TextDecoder().decode(stdout).trim().split("\n")
    .map((line) => line.replaceAll(/\s+/g, " "));
}

const EXPECTED = [
  "sent before the commit FAILURE DoesNotExist: There is no order 1",
  "sent with { tx } SUCCESS mail to ada@example.com",
  "sent with onCommit() SUCCESS mail to ada@example.com",
  "rolled back PENDING never sent",
];

serversTest("on_commit: the race and its cure, on PostgreSQL", async () => {
  const database = await servers.newPostgres();
  assertEquals(await demo({ DATABASE_URL: database }), EXPECTED);
});

serversTest("on_commit: the race and its cure, on Redis", async () => {
  const lines = await demo({
    DATABASE_URL: await servers.newPostgres(),
    LOVAGE_BROKER_URL: await servers.newRedis(),
  });
  assertEquals(lines, EXPECTED);
});
