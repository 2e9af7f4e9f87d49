import { assertEquals } from "@std/assert";
import { Workplace } from "../cli/fixtures/processes.ts";
import {
  cron,
  crontab,
  every,
  Lovage,
  type ScheduleSpec,
  solar,
} from "@lovage/lovage";
import { sentry, type SentrySdk } from "@lovage/lovage/sentry";
import { sentrySchedule, slugOf } from "../../src/sentry/monitors.ts";
import { SentryServer } from "./fixtures/server.ts";

const at = (name: string) =>
  new URL(`./fixtures/${name}`, import.meta.url).href;

Deno.test("errors, traces and monitors arrive at Sentry, also from isolates", async () => {
  await using server = new SentryServer();
  await using place = new Workplace({ TEST_SENTRY_DSN: server.dsn });
  const worker = place.launch("worker", "--app", at("tasks.ts"), "-c", "1");
  await worker.line(/is ready/);
  const produced = await place.run(at("producer.ts"));
  assertEquals(
    produced.stdout,
    "TimeLimitExceeded\nRangeError\ndone\n",
    produced.stderr,
  );
  worker.kill("SIGTERM");
  assertEquals((await worker.status()).code, 0);

  const events = server.of("event");
  const [failed, ...more] = events.filter(({ exception }) =>
    exception.values.at(-1).type === "RangeError"
  );
  assertEquals(more, [], "a retry is no failure");
  assertEquals(failed.transaction, "orders.fail");
  assertEquals(failed.tags["lovage.task"], "orders.fail");
  const { lovage } = failed.contexts;
  assertEquals([lovage.args, lovage.retries], [[42], 1]);
  assertEquals(typeof lovage.worker, "string");
  assertEquals(
    events.filter(({ tags }) => tags?.["lovage.task"] === "orders.burn").length,
    1,
    "what was ended by force is told of by its worker",
  );

  const transactions = server.of("transaction");
  const checkout = transactions.find(({ transaction }) =>
    transaction === "checkout"
  );
  const [publish] = checkout.spans;
  assertEquals([publish.op, publish.description], [
    "queue.publish",
    "orders.fail",
  ]);
  const processed = transactions.filter(({ contexts, transaction }) =>
    contexts.trace.op === "queue.process" && transaction === "orders.fail"
  );
  assertEquals(
    processed.map(({ contexts: { trace } }) => [
      trace.trace_id,
      trace.parent_span_id,
    ]),
    Array(2).fill([checkout.contexts.trace.trace_id, publish.span_id]),
  );
  assertEquals(failed.contexts.trace.trace_id, publish.trace_id);

  const checkIns = server.of("check_in");
  assertEquals(
    checkIns.map(({ monitor_slug, status }) => [monitor_slug, status]),
    [["nightly-report", "in_progress"], ["nightly-report", "ok"]],
  );
  assertEquals(checkIns[0].monitor_config.schedule, {
    type: "crontab",
    value: "30 3 * * *",
  });
  assertEquals(checkIns[0].monitor_config.timezone, "Europe/Berlin");
});

async function untraced(rate: string): Promise<void> {
  await using server = new SentryServer();
  await using place = new Workplace({
    TEST_SENTRY_DSN: server.dsn,
    TEST_SENTRY_RATE: rate,
    TEST_SENTRY_ARGUMENTS: "no",
  });
  const worker = place.launch("worker", "--app", at("tasks.ts"), "-c", "1");
  await worker.line(/is ready/);
  const { stdout } = await place.run(at("producer.ts"));
  assertEquals(stdout, "TimeLimitExceeded\nRangeError\ndone\n");
  worker.kill("SIGTERM");
  assertEquals((await worker.status()).code, 0);
  assertEquals(server.of("transaction"), []);
  assertEquals(
    server.of("event").map(({ transaction }) => transaction).toSorted(),
    ["orders.burn", "orders.fail"],
  );
  for (const { contexts: { lovage } } of server.of("event")) {
    assertEquals(typeof lovage, "object");
    assertEquals(Object.hasOwn(lovage, "args"), false, "sendArguments");
  }
  assertEquals(
    server.of("check_in").map(({ status }) => status),
    ["in_progress", "ok"],
  );
}

Deno.test("errors arrive also where no trace is taken", () => untraced("0"));

Deno.test("errors arrive also where traces are not set up", () => untraced(""));

Deno.test("no span is begun where traces are not set up", async () => {
  const spans: string[] = [];
  const own = "0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331";
  for (const tracesSampleRate of [undefined, 1]) {
    const sdk = {
      flush: () => Promise.resolve(true),
      getClient: () => ({ getOptions: () => ({ tracesSampleRate }) }),
      getTraceData: () => ({ "sentry-trace": own }),
      withIsolationScope: (run: (scope: object) => unknown) => run({}),
      continueTrace: (
        { sentryTrace }: { sentryTrace: string },
        run: () => unknown,
      ) => {
        assertEquals(sentryTrace, own);
        return run();
      },
      startSpan: ({ op }: { op: string }, run: (span: object) => unknown) => {
        spans.push(op);
        return run({ setStatus: () => {} });
      },
    } as unknown as SentrySdk;
    const app = new Lovage("watched", { brokerUrl: "memory://" });
    sentry(app, sdk, { monitors: false });
    await app.task("plain", () => 1).delay();
    assertEquals((await app.drain()).ended["success"], 1);
    await app.close();
  }
  assertEquals(spans, ["queue.publish", "queue.process"]);
});

Deno.test("monitors get the schedules that Sentry has words for", () => {
  const of = (spec: ScheduleSpec) => sentrySchedule(spec.toJSON());
  assertEquals(of(every("90m")), {
    type: "interval",
    value: 90,
    unit: "minute",
  });
  assertEquals(of(every("2d")), { type: "interval", value: 2, unit: "day" });
  assertEquals(of(every("30s")), null);
  assertEquals(of(cron("*/5 * * * *")), {
    type: "crontab",
    value: "*/5 * * * *",
  });
  assertEquals(of(cron("0 */5 * * * *")), null);
  assertEquals(of(crontab({ minute: 0, dayOfWeek: 1, dayOfMonth: 1 })), null);
  assertEquals(of(solar("sunrise", 52, 13)), null);
  assertEquals(slugOf("Nightly report / Übersicht"), "nightly-report-bersicht");
});
