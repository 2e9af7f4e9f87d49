/**
 * What was in the views: calls, a chain, a chord, a result that is waited for.
 *
 * @module
 */

import { chain, chord } from "@lovage/lovage";
import type { AsyncResult } from "@lovage/lovage";
import {
  charge,
  invoice,
  type Line,
  lineTotal,
  mail,
  receipt,
} from "./tasks.ts";

/** Charges an order, writes its receipt, and sends it. */
export async function placeOrder(
  order: number,
  to: string,
): Promise<AsyncResult<string>> {
  return await chain(charge.s(order), receipt.s(), mail.s(to)).delay();
}

/** Prices all lines side by side, and adds them up. */
export async function invoiceOf(
  order: number,
  lines: readonly Line[],
): Promise<string> {
  const header = lines.map((line) => lineTotal.s(line));
  const result = await chord(header, invoice.s(order)).delay();
  return await result.get({ timeout: "10s" });
}
