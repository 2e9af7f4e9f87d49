/**
 * The messages that follow from a task: what it is linked to.
 *
 * @module
 */

import type { Message } from "../contracts/broker.ts";
import type { Internals } from "../internals.ts";
import type { Envelope } from "../message/envelope.ts";
import type { SignatureJson } from "../message/signature_json.ts";
import { signatureFromJson } from "../producer/signature.ts";

/**
 * The messages of linked signatures.
 *
 * @param leading what their predecessor hands on, before their own arguments
 */
export function successors(
  app: Internals,
  parent: Envelope,
  linked: readonly SignatureJson[] | undefined,
  leading: () => readonly unknown[],
): readonly Message[] {
  if (linked === undefined || linked.length === 0) return [];
  const values = leading();
  return linked.map((json) => successor(app, parent, json, values));
}

function successor(
  app: Internals,
  parent: Envelope,
  json: SignatureJson,
  values: readonly unknown[],
): Message {
  const signature = signatureFromJson(app.producer, json);
  const args = signature.immutable
    ? signature.args
    : [...values, ...signature.args];
  const { task, options } = signature;
  return app.producer.message(
    app.producer.envelope(task, args, options, parent),
  );
}
