import { assertEquals, assertThrows } from "@std/assert";
import { MistakeError } from "../../src/cli/errors.ts";
import { age, span } from "../../src/words.ts";
import { commandNameIn } from "../../src/cli/globals.ts";
import { decimal, duration, memory, names } from "../../src/cli/parse.ts";
import { toPlainJson } from "../../src/cli/plain_json.ts";
import { facts, table } from "../../src/cli/table.ts";
import { VERSION } from "../../src/cli/version.ts";
import { zonedText } from "../../src/cli/zoned_time.ts";
import { untyped } from "../_helpers.ts";
import { RunningWorker } from "../../src/cli/running_worker.ts";
import { Shutdown } from "../../src/cli/shutdown.ts";
import config from "../../deno.json" with { type: "json" };

Deno.test("the version is that of the package", () => {
  assertEquals(VERSION, config.version);
});

Deno.test("the command is the first word that is no option", () => {
  assertEquals(commandNameIn(["worker", "-c", "4"]), "worker");
  assertEquals(commandNameIn(["-A", "x.ts", "--json", "call", "x"]), "call");
  assertEquals(commandNameIn(["--app=x.ts", "list"]), "list");
  assertEquals(commandNameIn(["--help"]), undefined);
});

Deno.test("spans show their two largest units", () => {
  assertEquals(
    [0, 250, 12_300, 310_000, 3_600_000, 273_600_000, 86_461_000].map(span),
    ["0ms", "250ms", "12s", "5m 10s", "1h", "3d 4h", "1d"],
  );
  assertEquals([age(900, 1000), age(0, 5000), age(65_000, 5000)], [
    "now",
    "5s ago",
    "in 1m",
  ]);
});

Deno.test("tables are aligned, numbers to the right", () => {
  assertEquals(
    table(["QUEUE", "QUEUED"], [["default", 5], ["x", 1200]]),
    "QUEUE    QUEUED\ndefault       5\nx          1200",
  );
  assertEquals(
    facts([["id", "1"], ["gone", undefined], ["stack", "a\nb"]]),
    "id     1\nstack  a\n       b",
  );
});

Deno.test("values of flags", () => {
  assertEquals(duration("--x")("30"), 30);
  assertEquals(duration("--x")("1.5"), 1.5);
  assertEquals(duration("--x")("5m"), "5m");
  assertEquals(memory("--x")("65536"), 65536 * 1024);
  assertEquals(memory("--x")("64MB"), 64 * 2 ** 20);
  assertEquals(memory("--x")("1.5GiB"), 1.5 * 2 ** 30);
  assertEquals(decimal("--lat", -90, 90)("-33.87"), -33.87);
  assertThrows(() => decimal("--lat", -90, 90)("1e1"), Error, '"1e1"');
  assertEquals(names("-Q")("b, c", ["a"]), ["a", "b", "c"]);
  assertThrows(() => names("-Q")("a,,b"), Error, "names separated by commas");
});

Deno.test("values that JSON has no word for are text", () => {
  assertEquals(
    toPlainJson({ a: 1n, b: new Set([1]), c: new TypeError("no"), d: /x/ }),
    { a: "1", b: [1], c: { name: "TypeError", message: "no" }, d: "/x/" },
  );
});

/** A shutdown that writes down what it does. */
function watched() {
  const seen: string[] = [];
  const shutdown = new Shutdown({
    say: (stage, signal) => seen.push(`${signal} ${stage}`),
    exit: (code) => seen.push(`exit ${code}`),
  });
  const worker = {
    stop: (mode: string) => {
      seen.push(`stop ${mode}`);
      return Promise.resolve();
    },
  };
  return { seen, shutdown, worker };
}

Deno.test("signals stop warmly, then coldly, then at once", () => {
  const { seen, shutdown, worker } = watched();
  shutdown.started(worker);
  shutdown.receive("INT");
  shutdown.receive("INT");
  shutdown.receive("INT");
  assertEquals(seen, [
    "INT warm",
    "stop warm",
    "INT cold",
    "stop cold",
    "INT hard",
    "exit 130",
  ]);
});

Deno.test("QUIT after TERM is cold; QUIT alone is cold at once", () => {
  const { seen, shutdown, worker } = watched();
  shutdown.started(worker);
  shutdown.receive("TERM");
  shutdown.receive("QUIT");
  assertEquals(seen.slice(2), ["QUIT cold", "stop cold"]);
  const other = watched();
  other.shutdown.started(other.worker);
  other.shutdown.receive("QUIT");
  assertEquals(other.seen, ["QUIT cold", "stop cold"]);
});

Deno.test("a signal during the start stops the worker once it has started", async () => {
  const { seen, shutdown, worker } = watched();
  shutdown.receive("TERM");
  assertEquals(seen, ["TERM early"]);
  shutdown.started(worker);
  await shutdown.stopped;
  assertEquals(seen, ["TERM early", "stop warm"]);
  const other = watched();
  other.shutdown.receive("TERM");
  other.shutdown.receive("TERM");
  assertEquals(other.seen, ["TERM early", "TERM hard", "exit 143"]);
});

Deno.test("what has no cold stop ends at once by the second signal", () => {
  for (const signal of ["TERM", "QUIT"] as const) {
    const seen: string[] = [];
    const shutdown = new Shutdown({
      say: (stage) => seen.push(stage),
      exit: (code) => seen.push(`exit ${code}`),
    }, false);
    shutdown.started({
      stop: (mode) => {
        seen.push(`stop ${mode}`);
        return Promise.resolve();
      },
    });
    shutdown.receive(signal);
    shutdown.receive("TERM");
    assertEquals(seen, ["warm", "stop warm", "hard", "exit 143"]);
  }
});

Deno.test("a beat stops before its worker; a cold stop waits for neither", async () => {
  const seen: string[] = [];
  const handover = Promise.withResolvers<void>();
  const worker = untyped({
    stop: (mode: string) => {
      seen.push(`worker ${mode}`);
      return Promise.resolve();
    },
  });
  const beat = untyped({
    stop: async () => {
      seen.push("beat");
      await handover.promise;
    },
  });
  const running = new RunningWorker(worker, beat);
  const warm = running.stop("warm");
  assertEquals(seen, ["beat"]);
  const cold = running.stop("cold");
  assertEquals(seen, ["beat", "beat", "worker cold"]);
  handover.resolve();
  await Promise.all([warm, cold]);
  assertEquals(seen.at(-1), "worker warm");
});

Deno.test("times are shown by the clock of a zone, with its offset", () => {
  const at = new Date("2026-07-01T22:30:05.000Z");
  assertEquals(zonedText(at, "UTC"), "Wed 2026-07-01 22:30:05 +00:00");
  assertEquals(
    zonedText(at, "Europe/Berlin"),
    "Thu 2026-07-02 00:30:05 +02:00",
  );
  assertEquals(
    zonedText(new Date(at.getTime() + 7), "Asia/Kolkata"),
    "Thu 2026-07-02 04:00:05.007 +05:30",
  );
  assertEquals(
    zonedText(new Date("2026-01-01T04:59:00Z"), "America/New_York"),
    "Wed 2025-12-31 23:59:00 -05:00",
  );
});

Deno.test("a mistake is pointed at where it is", () => {
  const { picture } = new MistakeError("no", "0\t75 *", 3);
  assertEquals(picture, "  0 75 *\n    ^");
});
