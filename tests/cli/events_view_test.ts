import { assert, assertEquals } from "@std/assert";
import { EventsView } from "../../src/cli/events_view.ts";
import { Pace } from "../../src/cli/pace.ts";
import { Screen } from "../../src/cli/screen.ts";
import { ClusterState } from "../../src/control/cluster_state.ts";
import type { MonitorEvent } from "../../src/control/monitor_event.ts";

const START = Date.UTC(2026, 0, 1);

/** A view, and what fills it. */
function viewed() {
  const state = new ClusterState();
  const view = new EventsView("memory://x", state, START);
  const tell = (
    type: MonitorEvent["type"],
    after: number,
    fields: Partial<MonitorEvent> = {},
  ) => {
    const timestamp = START + after;
    const event = { type, hostname: "one@box", timestamp, ...fields };
    state.take(event, timestamp);
    view.take(event, timestamp);
  };
  return { view, tell };
}

Deno.test("the view shows workers, what runs and what has failed", () => {
  const { view, tell } = viewed();
  const task = (uuid: string, name = "hold") => ({ uuid, name });
  tell("worker-online", 0, { freq: 2000, active: 1, processed: 7 });
  tell("worker-online", 0, { hostname: "two@box", freq: 2000 });
  tell("worker-offline", 100, { hostname: "two@box" });
  tell("task-started", 1000, { ...task("1"), args: '["a"]' });
  tell("task-started", 2000, task("2"));
  tell("task-succeeded", 3000, task("2"));
  tell("task-failed", 4000, {
    ...task("3", "billing.charge"),
    exception: "RangeError: it owes\nnothing \x1b[31m",
  });
  assertEquals(view.lines(START + 5000, 40, 2), [
    "Lovage events of memory://x at 2026-01-01T00:00:05.000Z",
    "1 worker alive, 1 running, 0.4 ended/s, 2 ended in 5s, 2 events lost",
    "",
    "WORKER   STATE  ACTIVE  PROCESSED  PER SECOND  SEEN",
    "one@box  alive       1          7  0.4         1s ago",
    "two@box  gone        0          0  0.0         4s ago",
    "",
    "RUNNING  ID  WORKER   FOR  ARGUMENTS",
    'hold     1   one@box  4s   ["a"]',
    "",
    "FAILED          ID  WORKER   SEEN    ERROR",
    "billing.charge  3   one@box  1s ago  RangeError: it owes nothing \x1b[31m",
  ]);
});

Deno.test("what a worker has no time to tell of is counted all the same", () => {
  const { view, tell } = viewed();
  tell("worker-online", 0, { freq: 2000, untold: 500 });
  tell("task-succeeded", 500, { uuid: "1", name: "quick" });
  tell("worker-heartbeat", 2000, { freq: 2000, untold: 20_499 });
  assertEquals(
    view.lines(START + 4000, 40, 0)[1],
    "1 worker alive, 0 running, 5000.0 ended/s, 20000 ended in 4s, too many to follow each",
  );
  // It was started anew.
  tell("worker-heartbeat", 14_000, { freq: 2000, untold: 3 });
  assertEquals(
    view.lines(START + 15_000, 40, 0)[1],
    "1 worker alive, 0 running, 0.0 ended/s, 20000 ended in 15s",
  );
});

Deno.test("what runs on a worker that is gone does not run", () => {
  const { view, tell } = viewed();
  tell("task-started", 0, { uuid: "1", name: "hold" });
  const shown = (after: number) =>
    view.lines(START + after, 40, 0).some((line) => line.startsWith("hold "));
  assertEquals([shown(6000), shown(6001)], [true, false]);
  // It may have died, or stand still: it has not said that it stops.
  assertEquals(
    view.lines(START + 6001, 40, 0)[4],
    "one@box  silent       0          0  0.0         6s ago",
  );
});

Deno.test("the view fits on the terminal, whatever happens", () => {
  const { view, tell } = viewed();
  for (let i = 0; i < 300; i++) {
    tell("task-started", i, { uuid: `r${i}`, name: "hold" });
    tell("task-failed", i, { uuid: `f${i}`, name: "fail", exception: "no" });
  }
  for (const rows of [5, 12, 24, 60]) {
    const lines = view.lines(START + 400, rows, 0);
    assert(lines.length <= rows);
    if (rows < 12) continue;
    // Both lists have their share; the longest run and the last failure lead.
    const first = (word: string) => lines.find((line) => line.startsWith(word));
    assert(first("hold")?.includes(" r0 "));
    assert(first("fail")?.includes(" f299 "));
  }
});

Deno.test("before anything happens the view says so", () => {
  const { view } = viewed();
  assertEquals(view.lines(START, 24, 0).slice(3), [
    "No worker was heard of yet",
    "",
    "Nothing that began since runs",
    "",
    "Nothing has failed since",
  ]);
});

Deno.test("a pace is that of the last ten seconds", () => {
  const pace = new Pace(START);
  for (let i = 0; i < 10; i++) pace.add(START + 100 * i);
  assertEquals(pace.perSecond(START + 1000), "10.0");
  assertEquals(pace.perSecond(START + 5000), "2.0");
  assertEquals(pace.perSecond(START + 9999), "1.0");
  assertEquals(pace.perSecond(START + 10_000), "0.0");
});

Deno.test("a screen is drawn in place, cut to its width, and given back", () => {
  let written = "";
  {
    using screen = new Screen((text) => {
      written += text;
      return true;
    });
    assertEquals(written, "\x1b[?1049h\x1b[?25l");
    written = "";
    // What a task says does not steer the terminal.
    screen.draw(["a longer line", "x\x1b[2Jy\x9b1m\n"], 9);
    assertEquals(written, "\x1b[Ha longer \x1b[K\r\nx [2Jy 1m\x1b[K\x1b[J");
    written = "";
  }
  assertEquals(written, "\x1b[?25h\x1b[?1049l");
});
