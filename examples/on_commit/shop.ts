/**
 * A shop with its orders in PostgreSQL, and a task that needs to find them.
 *
 * @module
 */

import { Lovage } from "@lovage/lovage";
import postgres from "postgres";

const database = Deno.env.get("DATABASE_URL") ?? "postgres://localhost/shop";

export const sql = postgres(database, { onnotice: () => {} });

/**
 * Tasks wait in the database of the orders, or in Redis
 * (`LOVAGE_BROKER_URL=redis://…`); then the database keeps them until their
 * transaction has committed.
 */
export const app = new Lovage("shop", {
  brokerUrl: Deno.env.get("LOVAGE_BROKER_URL") ?? database,
  outbox: database,
});

/** Sends the mail that confirms an order. */
export const confirm = app.task("orders.confirm", async (order: number) => {
  const [row] = await sql`select email from orders where id = ${order}`;
  if (row === undefined) throw new DoesNotExist(`There is no order ${order}`);
  return `mail to ${row["email"]}`;
});

/** No such row. */
class DoesNotExist extends Error {
  override name = "DoesNotExist";
}
