/**
 * The sending half of a broker, through a gateway.
 *
 * @module
 */

import type {
  Broker,
  CancelOutcome,
  CancelRequest,
  Message,
  PublishOptions,
} from "../../src/contracts/mod.ts";
import type { Client } from "./client.ts";
import { refuseAll } from "./refuse_all.ts";

/** What a gateway does not do: that is for workers and operators. */
const REFUSED = {
  reserve: true,
  settle: true,
  heartbeat: true,
  leave: true,
  reap: true,
  pause: true,
  purge: true,
} as const;

/** A broker that sends. */
export function gatewayBroker(client: Client): Broker {
  return {
    ...refuseAll<Broker, keyof typeof REFUSED>(REFUSED),
    async publish(
      batch: readonly Message[],
      { groups }: PublishOptions = {},
    ): Promise<readonly boolean[]> {
      const { added } = await client.call(
        "publish",
        { messages: batch, groups },
        { changes: true },
      );
      return added;
    },
    async cancel(
      batch: readonly CancelRequest[],
    ): Promise<readonly CancelOutcome[]> {
      const { outcomes } = await client.call("cancel", { requests: batch });
      return outcomes;
    },
    async holders(
      keys: readonly string[],
    ): Promise<readonly (string | undefined)[]> {
      const { ids } = await client.call("holders", { keys });
      return ids.map((id) => id ?? undefined);
    },
  };
}
