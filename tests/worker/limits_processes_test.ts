/** Limits over several worker processes, on every store that they share. */

import { assert, assertEquals } from "@std/assert";
import {
  missing as whyNoServers,
  Servers,
  startWorker,
} from "../app/fixtures/servers.ts";
import type { WorkerProcess } from "../cli/fixtures/processes.ts";
import { until } from "../_helpers.ts";
import { limitedApp, linesOf } from "./fixtures/limited_app.ts";

const MODULE = new URL("./fixtures/limited_app.ts", import.meta.url).href;
const WORKERS = 4;
const PATIENCE = "30s";

/** The stores that count limits. */
const STORES = ["sqlite", "redis", "postgres"] as const;

const servers = new Servers();

/** A store, a file for lines, and the processes of a test. */
class Place implements AsyncDisposable {
  readonly url: string;
  readonly lines: string;
  readonly sent: ReturnType<typeof limitedApp>;
  readonly #directory: string;
  readonly #workers: WorkerProcess[] = [];

  constructor(url: string, directory: string) {
    this.url = url;
    this.#directory = directory;
    this.lines = `${directory}/lines`;
    Deno.writeTextFileSync(this.lines, "");
    this.sent = limitedApp({ brokerUrl: url });
  }

  async worker(...args: string[]): Promise<WorkerProcess> {
    const env = { LOVAGE_BROKER_URL: this.url };
    const worker = await startWorker(MODULE, env, "--pool", "async", ...args);
    this.#workers.push(worker);
    return worker;
  }

  async workers(count: number, ...args: string[]): Promise<void> {
    await Promise.all(
      Array.from({ length: count }, () => this.worker(...args)),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.sent.app.close();
    for (const worker of this.#workers) await worker.end();
    await Deno.remove(this.#directory, { recursive: true });
  }
}

function onEachStore(
  name: string,
  test: (place: Place) => Promise<void>,
): void {
  for (const store of STORES) {
    const reason = store === "sqlite" ? undefined : whyNoServers;
    Deno.test({
      name: `${name} (${reason === undefined ? store : reason})`,
      ignore: reason !== undefined,
      async fn() {
        const directory = await Deno.makeTempDir();
        const url = store === "redis"
          ? await servers.newRedis()
          : store === "postgres"
          ? await servers.newPostgres()
          : `sqlite://${directory}/lovage.db`;
        await using place = new Place(url, directory);
        await test(place);
      },
    });
  }
}

onEachStore("a rate over four processes is kept, and used", async (place) => {
  const { sent, lines } = place;
  await sent.app.sendMany(
    Array.from({ length: 160 }, () => sent.paced.s(lines)),
  );
  const start = Date.now();
  await place.workers(WORKERS);
  for (let count = 0; count < 160;) {
    count = linesOf(lines).length;
    // The first may have begun at the start; so many spans have begun since.
    const spans = Math.floor((Date.now() - start) / 1_000) + 1;
    assert(count <= 50 * spans, `${count} within ${spans} s`);
    assert(Date.now() - start < 60_000, `only ${count} have run`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const at = linesOf(lines).map(([, at]) => at).sort((a, b) => a - b);
  // 50 at once, 50 a second later, and so on: three spans at the least.
  assert((at.at(-1) ?? 0) - (at[0] ?? 0) >= 2_900, "too fast");
});

onEachStore(
  "a concurrency over four processes is never overshot",
  async (place) => {
    const { sent, lines } = place;
    const results = await sent.app.sendMany(
      Array.from({ length: 150 }, () => sent.three.s(lines)),
    );
    await place.workers(WORKERS);
    for (const each of results) await each.get({ timeout: PATIENCE });
    let now = 0;
    let most = 0;
    // Lines are in the order of their writing.
    for (const [what] of linesOf(lines)) {
      now += what === "from" ? 1 : -1;
      most = Math.max(most, now);
    }
    assertEquals([now, linesOf(lines).length], [0, 300]);
    assertEquals(most, 3);
  },
);

onEachStore(
  "who is killed gives its room back after its lease",
  async (place) => {
    const { sent, lines } = place;
    const [first, second] = await sent.app.sendMany([
      sent.hold.s(lines, 3_600_000),
      sent.hold.s(lines, 1),
    ]);
    const killed = await place.worker("--hostname", "killed@test");
    await until(() => linesOf(lines).length === 1, "the first to run");
    await place.worker("--hostname", "heir@test");
    await sent.app.control.revoke(first.id);
    killed.kill("SIGKILL");
    assertEquals(await second.get({ timeout: PATIENCE }), "held");
    assertEquals(linesOf(lines).map(([what]) => what), ["from", "from", "to"]);
  },
);

onEachStore(
  "of those that are alike, one runs and the newest waits",
  async (place) => {
    const { sent, lines } = place;
    await place.workers(2);
    let last = await sent.latest.delay(lines, 0);
    for (let n = 1; n < 60; n++) last = await sent.latest.delay(lines, n);
    assertEquals(await last.get({ timeout: PATIENCE }), 59);
    const whats = linesOf(lines).map(([what]) => what);
    for (let at = 0; at < whats.length; at += 2) {
      assertEquals(whats[at]?.replace("from", "to"), whats[at + 1]);
    }
    assert(whats.length < 120, "none was replaced");
  },
);
