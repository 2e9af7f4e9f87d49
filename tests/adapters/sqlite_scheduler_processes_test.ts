/**
 * Several processes fire the entries of one file, and some of them die.
 */

import { assert, assertEquals } from "@std/assert";
import type { Store } from "../../src/contracts/mod.ts";
import { reserve } from "../../src/testing/conformance/fixtures.ts";
import { withStores } from "./fixtures/temp_store.ts";

const NAMES: readonly string[] = Array.from(
  { length: 40 },
  (_, at) => `e${at}`,
);

/** A process that fires all entries up to their last time, once it may. */
class Beat {
  readonly #child: Deno.ChildProcess;
  readonly #reader: ReadableStreamDefaultReader<string>;

  constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#reader = child.stdout.pipeThrough(new TextDecoderStream())
      .getReader();
  }

  /** Starts one and waits until it is ready. */
  static async start(path: string, last: number, diesAt = 0): Promise<Beat> {
    const script = new URL("./fixtures/sqlite_beat.ts", import.meta.url);
    const numbers = [last, diesAt].map(String);
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", script.pathname, path, ...numbers],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const beat = new Beat(child);
    assertEquals(await beat.#reader.read(), { done: false, value: "ready\n" });
    return beat;
  }

  /** Lets it fire. */
  async go(): Promise<void> {
    const writer = this.#child.stdin.getWriter();
    await writer.write(new Uint8Array(1));
    await writer.close();
  }

  /** Waits for its end: how many it fired, and for how many it was late. */
  async end(): Promise<readonly [number, number]> {
    const lines = (await this.#rest()).split("\n").filter(Boolean);
    assert((await this.#child.status).success, "A beat failed");
    const counts = lines.map((line) => line.split(" ").map(Number));
    const sum = (column: number) =>
      counts.reduce((total, row) => total + (row[column] ?? 0), 0);
    return [sum(0), sum(1)];
  }

  /** Waits until it has killed itself. */
  async death(): Promise<void> {
    await this.#rest();
    assertEquals((await this.#child.status).signal, "SIGKILL");
  }

  async #rest(): Promise<string> {
    let text = "";
    for (;;) {
      const { done, value } = await this.#reader.read();
      if (done) return text;
      text += value;
    }
  }
}

function putAll(store: Store, names = NAMES): Promise<unknown> {
  return store.scheduler.put(
    names.map((name) => ({ name, body: "", dueAt: 1 })),
  );
}

/** Each time before the one that an entry waits for has its message, once. */
async function assertFired(store: Store, last: number): Promise<void> {
  const { records } = await store.scheduler.list(null, NAMES.length);
  const expected = records.flatMap(({ name, dueAt }) =>
    Array.from(
      { length: (dueAt ?? last + 1) - 1 },
      (_, at) => `${name}-${at + 1}`,
    )
  );
  const all = await reserve(store, { limit: 1_000_000 });
  assertEquals(all.map(({ id }) => id).sort(), expected.sort());
  await store.broker.leave("c1");
}

Deno.test("two processes fire each entry once for each time", () =>
  withStores(async ({ path, open }) => {
    const store = await open();
    const last = 300;
    await putAll(store);
    const [a, b] = [await Beat.start(path, last), await Beat.start(path, last)];
    await Promise.all([a.go(), b.go()]);
    const [[byA, lateA], [byB, lateB]] = await Promise.all([a.end(), b.end()]);
    assertEquals(byA + byB, NAMES.length * last, "what was fired");
    assert(lateA + lateB > 0, "They never met: the test says nothing");
    await assertFired(store, last);
  }));

Deno.test("a process that dies at any statement leaves whole firings", () =>
  withStores(async ({ path, open }) => {
    const store = await open();
    await putAll(store, NAMES.slice(0, 3));
    let deaths = 0;
    let committed = false;
    while (!committed) {
      const beat = await Beat.start(path, 2, ++deaths);
      await beat.go();
      await beat.death();
      await assertFired(store, 2);
      const [entry] = await store.scheduler.fetch(NAMES);
      committed = entry?.dueAt === 2;
    }
    assert(deaths > 4, `All was committed before the statement ${deaths}`);
  }));

Deno.test("of two processes' stores one leads, and both say which", () =>
  withStores(async ({ path, open }) => {
    const store = await open();
    const candidate = { id: "here", name: "here@tests", lease: 3_600_000 };
    const { until } = await store.scheduler.lead(candidate);
    const script = `
      import { sqliteStore } from "${new URL(
      "../../adapters/sqlite/mod.ts",
      import.meta.url,
    )}";
      const store = sqliteStore({ path: Deno.args[0] });
      await store.open();
      const { id, until } = await store.scheduler.lead(
        { id: "there", name: "there@tests", lease: 1 });
      await store.scheduler.resign("here");
      const next = await store.scheduler.lead(
        { id: "there", name: "there@tests", lease: 3600000 });
      console.log(JSON.stringify([id, until, next.id]));
      await store.close();`;
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["eval", "--no-check", script, path],
    }).output();
    const answer = JSON.parse(new TextDecoder().decode(stdout));
    assertEquals(answer, ["here", until, "there"]);
    assertEquals((await store.scheduler.lead(candidate)).id, "there");
  }));
