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
  // What is published at once is one operation.
  const publish = collector.span("send batch");
  assertEquals([publish.kind, publish.parentSpanId], [4, sent.spanId]);
  assertEquals(
    Number(attribute(publish, "messaging.batch.message_count")),
    3,
  );
  for (const task of ["plain", "flaky", "narrow"]) {
    const runs = collector.spans.filter(({ name }) =>
      name === `process ${task}`
    );
    const expected = task === "flaky" ? 2 : 1;
    assertEquals(parents(runs), Array(expected).fill(publish.spanId), task);
    assertEquals(runs.every(({ kind }) => kind === 5), true);
  }
  const body = collector.span("process slow");
  assertEquals(body.parentSpanId, sent.spanId);
  const ended = collector.spans.filter((span) =>
    ["process plain", "process flaky", "process narrow"].includes(span.name) &&
    attribute(span, "lovage.task.outcome") !== "retry"
  );
  assertEquals(
    body.links?.map(({ spanId }) => spanId).toSorted(),
    ended.map(({ spanId }) => spanId).toSorted(),
    "the body refers to the runs whose results it takes",
  );
  assert(duration(body) >= 45, `the body took ${duration(body)} ms`);
  const after = collector.span("process last");
  assertEquals(after.parentSpanId, body.spanId);
  const inTrace = collector.spans.filter(({ traceId }) =>
    traceId === sent.traceId
  );
  assertEquals(inTrace.length, 8);
  const ids = new Set(inTrace.map(({ spanId }) => spanId));
  assertEquals(
    inTrace.filter(({ parentSpanId }) => !ids.has(parentSpanId ?? "")),
    [sent],
    "one connected tree",
  );

  const [first, second] = collector.spans
    .filter(({ name }) => name === "process flaky")
    .toSorted((a, b) => a.startTimeUnixNano < b.startTimeUnixNano ? -1 : 1);
  assertEquals(attribute(first!, "lovage.task.outcome"), "retry");
  assertEquals(attribute(second!, "lovage.task.outcome"), undefined);
  assertEquals(Number(attribute(second!, "lovage.task.retries")), 1);
  assertEquals(attribute(second!, "messaging.system"), "lovage");
  assertEquals(attribute(second!, "messaging.destination.name"), "default");

  // What failed, and what was ended by force and could not say so itself.
  const failed = collector.span("process fails");
  assertEquals([failed.status.code, attribute(failed, "error.type")], [
    2,
    "TypeError",
  ]);
  const burnt = collector.span("process burns");
  assertEquals(burnt.parentSpanId, collector.span("send burns").spanId);
  assertEquals(attribute(burnt, "error.type"), "TimeLimitExceeded");
  // Which worker it was is said of what did not end well.
  assert(String(attribute(burnt, "messaging.client.id")).includes("@"));
  assert(String(attribute(failed, "messaging.client.id")).includes("@"));
  assertEquals(attribute(body, "messaging.client.id"), undefined);
  assert(duration(burnt) >= 190, `it took ${duration(burnt)} ms`);

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
  const outcomes = collector.points("messaging.client.consumed.messages")
    .map((point) =>
      [
        attribute(point, "lovage.task.name"),
        attribute(point, "lovage.task.outcome"),
        point.asDouble,
      ].join(" ")
    );
  assertEquals(outcomes.toSorted(), [
    "burns failure 1",
    "fails failure 1",
    "flaky retry 1",
    "flaky success 1",
    "last success 1",
    "narrow success 1",
    "plain success 1",
    "slow success 1",
  ]);
  const [ran] = collector.points("messaging.process.duration")
    .filter((point) => attribute(point, "lovage.task.name") === "slow");
  assertEquals(ran?.count, "1");
  assert((ran?.sum ?? 0) >= 0.045, `the body ran for ${ran?.sum} s`);
});

Deno.test("what a caller does not sample is measured, but not traced", async () => {
  await using collector = new Collector();
  // Deno's own sampler takes everything, whatever the caller has decided.
  await using place = new Workplace(collector.env);
  const worker = place.launch("worker", "--app", at("tasks.ts"), "-c", "1");
  await worker.line(/is ready/);
  const produced = await place.run(at("unsampled_producer.ts"));
  assertEquals(produced.stdout, `${"0".repeat(31)}1 0\n3\n`, produced.stderr);
  worker.kill("SIGTERM");
  assertEquals((await worker.status()).code, 0);
  assertEquals(collector.spans, []);
  const counts = collector.points("messaging.client.consumed.messages")
    .map(({ asDouble }) => asDouble);
  assertEquals(counts.toSorted(), [1, 1, 1, 3]);
});

Deno.test("a host that dies has told of what ran in it before", async () => {
  await using collector = new Collector();
  await using place = new Workplace(collector.env);
  const worker = place.launch("worker", "--app", at("tasks.ts"), "-c", "1");
  await worker.line(/is ready/);
  const { stdout } = await place.run(at("killed_producer.ts"));
  const [first, second] = stdout.split("\n");
  assertEquals(first, second, "both ran in one host");
  assertEquals(collector.span("process where").kind, 5);
  worker.kill("SIGTERM");
  assertEquals((await worker.status()).code, 0);
  assertEquals(collector.span("process dies").status.code, 2);
});

Deno.test("an app takes the share of traces that it is told to", async () => {
  for (const share of [0, 1]) {
    await using collector = new Collector();
    await using place = new Workplace({
      ...collector.env,
      TEST_SAMPLE: String(share),
    });
    const produced = await place.run(at("batch_producer.ts"));
    assertEquals(produced.stdout, "3\n", produced.stderr);
    const [sent, ...runs] = collector.spans.toSorted((a, b) => a.kind - b.kind);
    assertEquals(runs.length, share * 3);
    assertEquals(
      sent && [
        attribute(sent, "messaging.destination.name"),
        sent.name,
      ],
      share === 0 ? undefined : ["default", "send plain"],
    );
    assertEquals(
      runs.map(({ parentSpanId }) => parentSpanId),
      runs.map(() => sent?.spanId),
    );
    const [counted] = collector.points("messaging.client.sent.messages");
    assertEquals(counted?.asDouble, 3);
  }
});

Deno.test("tasks that start together are each in their own trace", async () => {
  await using collector = new Collector();
  await using place = new Workplace(collector.env);
  const produced = await place.run(at("mixed_producer.ts"));
  assertEquals(produced.stderr, "");
  const traces = [..."aaaaabbccaaa"];
  assertEquals(
    JSON.parse(produced.stdout),
    traces.map((trace) => [trace, trace, trace]),
  );
  assertEquals(
    collector.spans.map(({ name }) => name).toSorted(),
    ["process see", "process see", "send see"],
  );
});
