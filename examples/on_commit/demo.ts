/**
 * A worker is faster than a commit: a task that is sent before it does not
 * find its row. Shows that, and three ways to be safe.
 *
 * Run it with `DATABASE_URL=postgres://… deno run -A examples/on_commit/demo.ts`.
 *
 * @module
 */

import type { AsyncResult } from "@lovage/lovage";
import type { TransactionSql } from "postgres";
import { app, confirm, sql } from "./shop.ts";

await sql`create table if not exists orders (id serial, email text not null)`;
await using _worker = await app.worker({ pool: "async" });

await show("sent before the commit", () =>
  sql.begin(async (tx) => {
    const result = await confirm.delay(await order(tx));
    await theRestOfTheRequest(result);
    return result;
  }));

await show("sent with { tx }", () =>
  sql.begin(async (tx) => {
    const result = await confirm.applyAsync([await order(tx)], { tx });
    await theRestOfTheRequest(result);
    return result;
  }));

await show("sent with onCommit()", () =>
  sql.begin(async (tx) => {
    const [result] = await app.onCommit(tx, confirm.s(await order(tx)));
    return result;
  }));

const taskId = `rolled-back-${crypto.randomUUID()}`;
await sql.begin(async (tx) => {
  await confirm.applyAsync([await order(tx)], { tx, taskId });
  throw new Error("Out of stock");
}).catch(() => {});
print("rolled back", await app.AsyncResult(taskId).state(), "never sent");

await app.close();
await sql.end();

/** Takes an order. */
async function order(tx: TransactionSql): Promise<number> {
  const [row] = await tx`
    insert into orders (email) values ('ada@example.com') returning id
  `;
  return row?.["id"];
}

/** Takes so long that a task could have run, if it has been sent. */
async function theRestOfTheRequest(result: AsyncResult<string>): Promise<void> {
  await result.get({ timeout: "1s" }).catch(() => {});
}

async function show(
  how: string,
  send: () => Promise<AsyncResult<string>>,
): Promise<void> {
  const result = await send();
  const said = await result.get({ timeout: "10s" }).catch(String);
  print(how, await result.state(), said);
}

function print(how: string, state: string, said: string): void {
  console.log(`${how.padEnd(24)} ${state.padEnd(8)} ${said}`);
}
