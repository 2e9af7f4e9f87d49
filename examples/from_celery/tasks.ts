/**
 * The tasks of the shop: what were `orders/tasks.py` and `reports/tasks.py`.
 * A worker loads this module: `lovage worker --app ./tasks.ts`.
 *
 * @module
 */

import { crontab } from "@lovage/lovage";
import { app } from "./app.ts";

export { app } from "./app.ts";

/** A line of an order. */
export interface Line {
  readonly item: string;
  readonly count: number;
  readonly price: number;
}

/** The payment gateway has not answered. */
export class GatewayTimeout extends Error {
  override name = "GatewayTimeout";
}

/** Asks for the money; the first try of an order that ends in 13 times out. */
export const charge = app.task("orders.charge", {
  bind: true,
  autoretryFor: [GatewayTimeout],
  retryBackoff: true,
  retryBackoffMax: "10m",
  maxRetries: 5,
  rateLimit: "100/m",
}, (self, order: number) => {
  const { retries } = self.request;
  if (order % 100 === 13 && retries === 0) throw new GatewayTimeout("504");
  self.log.info("Charged {order} after {retries} retries", { order, retries });
  return { order, retries };
});

/** Writes the receipt of what was charged. */
export const receipt = app.task(
  "orders.receipt",
  ({ order }: { readonly order: number }) => `receipt-${order}.pdf`,
);

/** Sends a mail. */
export const mail = app.task(
  "orders.mail",
  (file: string, to: string) => `${file} to ${to}`,
);

/** What a line costs. */
export const lineTotal = app.task(
  "orders.line_total",
  ({ count, price }: Line) => count * price,
);

/** Adds the lines of an order up. */
export const invoice = app.task(
  "orders.invoice",
  (totals: readonly number[], order: number) =>
    `${order}: ${totals.reduce((sum, each) => sum + each, 0)}`,
);

/** The report of a day, for those who read it in the morning. */
export const daily = app.task(
  "reports.daily",
  (region: string) => `report of ${region}`,
);

app.addPeriodicTask(
  crontab({ hour: 7, minute: 0 }),
  daily.s("all").set({ expires: "6h" }),
  { name: "daily-report" },
);
