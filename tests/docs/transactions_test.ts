/**
 * The page on transactions needs a server, which a block of a page cannot
 * start: so its blocks, one after the other, are run as one program here.
 */

import { assert, assertEquals } from "@std/assert";
import { Lovage } from "@lovage/lovage";
import { postgresJs } from "../app/fixtures/clients.ts";
import { Servers, serversTest } from "../app/fixtures/servers.ts";
import { blocksOf } from "./fixtures/page.ts";

const ROOT = new URL("../../", import.meta.url);

const servers = new Servers();

/** The page's blocks in one language, in order. */
async function textsOf(language: string): Promise<readonly string[]> {
  return (await blocksOf("docs/transactions.md"))
    .filter((block) => block.language === language)
    .map(({ text }) => text);
}

/** What the page leaves to its reader: workers, and an end. */
const REST = `
for (const each of [app, shop]) {
  await each.worker({ pool: "async" });
}
console.log(await confirmed.get({ timeout: "10s" }));
console.log(await noted.get({ timeout: "10s" }));
console.log((await sql\`select * from orders\`).length, "orders");
await app.close();
await shop.close();
await pool.end();
await sql.end();
`;

serversTest("docs/transactions.md does what it says", async () => {
  const url = await servers.newPostgres();
  const database = new URL(url).pathname.slice(1);
  const postgres = await servers.postgres();
  await postgres.psql(
    "create table orders (id serial, item text not null)",
    database,
  );
  const blocks = await textsOf("ts");
  assert(blocks.length >= 4);
  // In the repository, so that imports mean what they mean there.
  const path = await Deno.makeTempFile({
    dir: new URL("./", import.meta.url).pathname,
    prefix: "transactions_",
    suffix: ".ts",
  });
  try {
    await Deno.writeTextFile(path, blocks.join("\n") + REST);
    const { code, stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", "--check", path],
      cwd: ROOT,
      env: {
        NO_COLOR: "1",
        DATABASE_URL: url,
        LOVAGE_BROKER_URL: await servers.newRedis(),
      },
      stderr: "inherit",
    }).output();
    assertEquals(code, 0);
    const lines = new TextDecoder().decode(stdout).trim().split("\n");
    assertEquals(lines, ["mail 1", "note 3", "3 orders"]);
  } finally {
    await Deno.remove(path);
  }
});

serversTest("docs/transactions.md names the rights that it takes", async () => {
  const url = await servers.newPostgres();
  const postgres = await servers.postgres();
  await using app = new Lovage("rights", { brokerUrl: url });
  await (await app.sendTask("any")).state();
  const [grants = ""] = await textsOf("sql");
  const database = new URL(url).pathname.slice(1);
  await postgres.psql(`create role shop login; ${grants}`, database);
  const client = postgresJs(postgres.url({ user: "shop", database }));
  try {
    await client.begin(async ({ tx }) => {
      await app.sendTask("any", [], { tx, taskId: "granted" });
    });
  } finally {
    await client.close();
  }
  const waiting = "select count(*) from lovage.task where id = 'granted'";
  assertEquals(await postgres.psql(waiting, database), "1");
});
