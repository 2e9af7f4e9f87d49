/**
 * Checks of the stores.
 *
 * @module
 */

import type { CheckContext, StoreContext } from "./context.ts";
import { type Finding, fine, problem, warning } from "./finding.ts";

/** What was accepted is to be kept, and seen by all processes. */
export function checkStores({ running }: CheckContext): readonly Finding[] {
  return running.stores.flatMap((store) => {
    const found = [...capabilities(store), ...store.warnings.map(fromServer)];
    return found.length > 0
      ? found
      : [fine("store", `${store.address} keeps what it accepts`)];
  });
}

function capabilities(
  { address, durable, shared }: StoreContext,
): readonly Finding[] {
  if (!shared) {
    return [problem(
      "store",
      `${address} lives in one process: no other sees what is sent to it`,
      "Take a store that processes share, such as sqlite://./lovage.db",
    )];
  }
  if (durable) return [];
  return [problem(
    "store",
    `${address} loses all tasks when its process ends`,
    "Take a store that is durable, such as sqlite://./lovage.db",
  )];
}

// Stores warn in sentences of the form "… may lose tasks …: do this"; of what
// is said in another way, tasks are not in immediate danger.
const DANGER = /may (drop|lose) tasks/;

function fromServer(text: string): Finding {
  const at = text.lastIndexOf(": ");
  const detail = at < 0 ? text : text.slice(0, at);
  const cure = at < 0 ? "" : text.slice(at + 2);
  const capital = cure.charAt(0).toUpperCase() + cure.slice(1);
  return (DANGER.test(text) ? problem : warning)("store", detail, capital);
}
