/**
 * One process that sends tasks, works them off and says what that took, with
 * or without OpenTelemetry.
 *
 * @module
 */

import { Lovage } from "@lovage/lovage";
import { instrument } from "@lovage/lovage/opentelemetry";
import { SpanKind, trace } from "@opentelemetry/api";
import { costOf } from "../cost.ts";

interface Settings {
  /** Whether the app is instrumented. */
  readonly instrumented: boolean;
  readonly count: number;
  /** Whether each task makes a span by itself, which says nothing. */
  readonly spans: boolean;
  /** How long each task works, in ms. */
  readonly work: number;
}

const BATCH = 100;
const LANES = 8;
/** A worker that has run a sixth of the tasks is warm. */
const WARM = 6;

const { instrumented, count, spans, work }: Settings = JSON.parse(
  Deno.args[0] ?? "",
);
const tracer = trace.getTracer("bench");
const app = new Lovage("bench", { brokerUrl: Deno.env.get("BENCH_URL") });
if (instrumented) instrument(app);

const warm = Math.ceil(count / WARM);
let done = 0;
let onWarm = () => {};
let onAll = () => {};
const task = app.task("bench.traced", (n: number): number => {
  if (spans) {
    tracer.startSpan("bare", { kind: SpanKind.CONSUMER, root: true }).end();
  }
  if (work > 0) spin(work);
  done++;
  if (done === warm) onWarm();
  if (done === count) onAll();
  return n;
});

function spin(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

function reached(arm: (resolve: () => void) => void): Promise<void> {
  return new Promise(arm);
}

async function send(): Promise<number> {
  const from = performance.now();
  let next = 0;
  const lane = async () => {
    while (next < count) {
      const size = Math.min(BATCH, count - next);
      const first = next;
      next += size;
      await app.sendMany(
        Array.from({ length: size }, (_, n) => task.s(first + n)),
      );
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return count / (performance.now() - from) * 1000;
}

const sent = await send();
const isWarm = reached((resolve) => onWarm = resolve);
const isDone = reached((resolve) => onAll = resolve);
const worker = await app.worker({ pool: "async" });
await isWarm;
const from = { at: performance.now(), cpu: costOf([Deno.pid]).cpu };
await isDone;
const seconds = (performance.now() - from.at) / 1000;
const cpu = costOf([Deno.pid]).cpu - from.cpu;
const ran = count - warm;
await worker.stop();
await app.close();
console.log(JSON.stringify({
  sent,
  rate: ran / seconds,
  cpu: cpu / ran * 10_000,
}));
