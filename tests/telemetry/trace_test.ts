import { assert, assertEquals } from "@std/assert";
import { Workplace } from "../cli/fixtures/processes.ts";
import {
  attribute,
  Collector,
  duration,
  type Span,
} from "./fixtures/collector.ts";

const at = (name: string) =>
  new URL(`./fixtures/${name}`, import.meta.url).href;

Deno.test("a trace goes from the caller through a chord, a retry and a chain", async () => {
  await using collector = new Collector();
  await using place = new Workplace(collector.env);
  const worker = place.launch("worker", "--app", at("tasks.ts"), "-c", "1");
  await worker.line(/is ready/);
  const produced = await place.run(at("producer.ts"));
  assertEquals(
    produced.stdout,
    "3\nTypeError\nTimeLimitExceeded\n",
    produced.stderr,
  );
  worker.kill("SIGTERM");
  assertEquals((await worker.status()).code, 0);

  const sent = collector.span("send canvas");
  const parents = (spans: readonly Span[]) =>
    spans.map(({ parentSpanId }) => parentSpanId);
  for (const task of ["plain", "flaky", "narrow"]) {
    const publish = collector.span(`send ${task}`);
    assertEquals([publish.kind, publish.parentSpanId], [4, sent.spanId]);
    const runs = collector.spans.filter(({ name }) =>
      name === `process ${task}`
    );
    const expected = task === "flaky" ? 2 : 1;
    assertEquals(parents(runs), Array(expected).fill(publish.spanId), task);
    assertEquals(runs.every(({ kind }) => kind === 5), true);
  }
  const body = collector.span("process slow");
  assertEquals(body.parentSpanId, sent.spanId);
  assert(duration(body) >= 45, `the body took ${duration(body)} ms`);
  const after = collector.span("process last");
  assertEquals(after.parentSpanId, body.spanId);
  const inTrace = collector.spans.filter(({ traceId }) =>
    traceId === sent.traceId
  );
  assertEquals(inTrace.length, 10);

  const [first, second] = collector.spans
    .filter(({ name }) => name === "process flaky")
    .toSorted((a, b) => a.startTimeUnixNano < b.startTimeUnixNano ? -1 : 1);
  assertEquals(attribute(first!, "lovage.task.outcome"), "retry");
  assertEquals(attribute(second!, "lovage.task.outcome"), "success");
  assertEquals(Number(attribute(second!, "lovage.task.retries")), 1);
  assertEquals(attribute(second!, "messaging.system"), "lovage");
  assertEquals(attribute(second!, "messaging.destination.name"), "default");

  // What failed, and what was ended by force and could not say so itself.
  const failed = collector.span("process fails");
  assertEquals([failed.status.code, attribute(failed, "error.type")], [
    2,
    "TypeError",
  ]);
  const ended = collector.span("process burns");
  assertEquals(ended.parentSpanId, collector.span("send burns").spanId);
  assertEquals(attribute(ended, "error.type"), "TimeLimitExceeded");
  assert(duration(ended) >= 190, `it took ${duration(ended)} ms`);

  for (
    const metric of [
      "messaging.client.sent.messages",
      "messaging.client.operation.duration",
      "messaging.client.consumed.messages",
      "messaging.process.duration",
      "lovage.task.queue_time",
    ]
  ) {
    assert(collector.metrics.has(metric), `${metric} is missing`);
  }
});
