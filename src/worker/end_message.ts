/**
 * The end of a task that was acknowledged before it ran: it is no settlement
 * any more, and still others may wait for it.
 *
 * @module
 */

import type { Message, Settlement } from "../contracts/broker.ts";
import { encodeEnvelope, type GivenOutcome } from "../message/envelope.ts";
import { encodeError } from "../message/error_codec.ts";
import { ignoredError } from "./endings.ts";
import { type Held, messageOf } from "./in_flight.ts";

/**
 * The message that ends a task by and by, if others wait for its end.
 *
 * @param settlement what would end it, had it not been acknowledged
 */
export function endMessage(
  held: Held,
  { ends, result }: Settlement,
): Message | undefined {
  if (ends === undefined) return undefined;
  const outcome: GivenOutcome = result?.state === "SUCCESS"
    ? { value: result.value }
    : {
      error: result?.error ?? encodeError(ignoredError(held)),
      isOwn: true,
    };
  // It does not run, so nothing holds it back.
  const { limits: _, unique: __, ...message } = messageOf(held);
  return {
    ...message,
    eta: null,
    body: encodeEnvelope({ ...held.envelope, outcome }),
  };
}
