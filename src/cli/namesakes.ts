/**
 * Other workers of the same name: what is asked of a name reaches them all.
 *
 * @module
 */

import type { ConsumerStats } from "../contracts/inspector.ts";
import { isWorker } from "../control/explain/workers.ts";
import type { Internals } from "../internals.ts";
import { span } from "../words.ts";

/**
 * What to say to a worker whose name another one has that is alive; `null`
 * where there is none, or where the store does not say.
 */
export async function namesakeWarning(
  app: Internals,
  me: { readonly id: string; readonly hostname: string },
): Promise<string | null> {
  const { broker } = app.stores.opened ?? await app.stores.open();
  const consumers = await broker.inspector.consumers().catch(() => []);
  const now = app.clock().now();
  const other = consumers.find((each) =>
    each.name === me.hostname && each.id !== me.id && isWorker(each) &&
    now - each.seenAt <= each.lease
  );
  return other === undefined ? null : sentence(other, now);
}

function sentence(
  { name, details, seenAt, lease }: ConsumerStats,
  now: number,
) {
  const { pid } = details;
  const process = typeof pid === "number" ? ` (pid ${pid})` : "";
  const ago = span(Math.max(0, now - seenAt));
  const left = span(Math.max(0, seenAt + lease - now));
  return `Another worker called ${name}${process} was heard of ${ago} ago. If it runs, give one of them another name (-n web@%h): inspect and control cannot tell them apart. If it was killed, what it held comes back within ${left}`;
}
