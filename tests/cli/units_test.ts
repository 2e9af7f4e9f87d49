import { assertEquals, assertThrows } from "@std/assert";
import { age, span } from "../../src/cli/format.ts";
import { commandNameIn } from "../../src/cli/globals.ts";
import { duration, memory, names } from "../../src/cli/parse.ts";
import { toPlainJson } from "../../src/cli/plain_json.ts";
import { facts, table } from "../../src/cli/table.ts";
import { VERSION } from "../../src/cli/version.ts";
import { Shutdown } from "../../src/cli/worker_shutdown.ts";
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
