/**
 * The tasks of a small pipeline: customers are read from a table and scored,
 * and somebody is told who the best of them are.
 *
 * @module
 */

import { Lovage } from "@lovage/lovage";

/** Tasks wait in ./lovage.db, or where `LOVAGE_BROKER_URL` says. */
export const app = new Lovage("pipeline");
app.configFromEnv();

/** A customer, as a row of the table says. */
export interface Customer {
  readonly name: string;
  readonly orders: number;
  readonly spent: number;
}

/** What a customer spends on an order. */
export interface Score {
  readonly name: string;
  readonly points: number;
}

/** The task that failed, as an errback is told. */
export interface Failed {
  readonly task: string;
}

/** Its error, and what caused that. */
export interface Why {
  readonly name: string;
  readonly message: string;
  readonly cause?: Why;
}

/** Reads a table with a row on each line: name, orders, spent. */
export const parse = app.task(
  "pipeline.parse",
  (table: string): Customer[] => table.trim().split("\n").map(customerOf),
);

/** Scores one share of the customers: every row whose turn it is. */
export const score = app.task(
  "pipeline.score",
  (customers: readonly Customer[], share: number, shares: number): Score[] =>
    customers.filter((_, row) => row % shares === share).map(scoreOf),
);

/** Tells somebody the scores of all shares, the best first. */
export const notify = app.task(
  "pipeline.notify",
  (shares: readonly (readonly Score[])[], to: string): string => {
    const ranked = shares.flat().toSorted((a, b) => b.points - a.points)
      .map(({ name, points }) => `${name} ${points}`);
    return `mail to ${to}: ${ranked.join(", ")}`;
  },
);

/** Says what went wrong; of a failed share, its own error. */
export const alert = app.task(
  "pipeline.alert",
  ({ task }: Failed, error: Why): string => {
    const { name, message } = error.cause ?? error;
    return `${task} failed: ${name}: ${message}`;
  },
);

function customerOf(line: string, row: number): Customer {
  const [name = "", orders, spent] = line.split(",").map((cell) => cell.trim());
  const customer = { name, orders: Number(orders), spent: Number(spent) };
  if (Number.isFinite(customer.orders + customer.spent)) return customer;
  throw new SyntaxError(`Line ${row + 1} is not "name, orders, spent"`);
}

function scoreOf({ name, orders, spent }: Customer): Score {
  if (orders === 0) throw new RangeError(`${name} has not ordered yet`);
  return { name, points: Math.round(spent / orders) };
}
