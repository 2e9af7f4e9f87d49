/**
 * Sends a canvas to a worker in another process, or as many plain tasks, and
 * says how long all of it took. The first runs of each are the warm-up.
 *
 * @module
 */

import { chain, chord, group } from "@lovage/lovage";
import { first, noop, type Payload } from "./lovage_tasks.ts";

interface Settings {
  /** What is sent. */
  readonly shape: "plain" | "chord" | "chain";
  /** How many members or links. */
  readonly size: number;
  /** How often. */
  readonly times: number;
}

const PAD = "x".repeat(80);

const settings = JSON.parse(Deno.args[1] ?? "{}") as Settings;
const payloads = (size: number): Payload[] =>
  Array.from({ length: size }, (_, n) => ({ n, pad: PAD }));

// Both end with one task that a caller waits for.
async function send({ shape, size }: Settings): Promise<unknown> {
  if (shape === "chain") {
    const [head, ...rest] = payloads(size).map((each) => noop.si(each));
    if (head === undefined) return;
    return await chain(head, ...rest).delay();
  }
  const members = payloads(size).map((each) => noop.s(each));
  if (shape === "chord") return await chord(members, first.s()).delay();
  return await group(members).delay();
}

interface Waitable {
  get(options: { readonly timeout: string }): Promise<unknown>;
}

const times: number[] = [];
for (let n = 0; n <= settings.times; n++) {
  const start = performance.now();
  const sent = await send(settings) as Waitable;
  await sent.get({ timeout: "300s" });
  times.push(performance.now() - start);
}
console.log(JSON.stringify({ times: times.slice(1) }));
Deno.exit(0);
