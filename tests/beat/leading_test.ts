/** Several beats on one store: one sends, and another takes over. */

import { assert, assertEquals } from "@std/assert";
import { type Beat, every, Lovage } from "@lovage/lovage";
import type { Store } from "../../src/contracts/mod.ts";
import { until } from "../_helpers.ts";
import { type Held, heldStore } from "./fixtures/held_store.ts";
import { type NewStore, onSharedStores } from "./fixtures/shared_stores.ts";

const PERIOD = 100;
/** Short, for a test that waits until it ends. */
const SHORT = 1_000;
/** Longer than any test has patience. */
const LONG = 60_000;
/** What does not wait for anything takes less, also on a busy machine. */
const AT_ONCE = 3_000;

/** A beat, and what can be done to its store. */
interface Candidate {
  readonly app: Lovage;
  readonly beat: Beat;
  hang(): Held;
}

/** Beats with a store each, over the same data, and what they have sent. */
class Crowd implements AsyncDisposable {
  readonly store: Store;
  readonly beats: Candidate[] = [];
  readonly #newStore: NewStore;
  readonly #lease: number;
  readonly #apps: Lovage[] = [];

  constructor(newStore: NewStore, lease: number) {
    this.#newStore = newStore;
    this.#lease = lease;
    this.store = newStore();
  }

  /** An app with a store of its own. */
  app(store: Store = this.#newStore()): Lovage {
    const app = new Lovage("crowd", { store, beatLease: `${this.#lease}ms` });
    app.task("tick", () => {});
    this.#apps.push(app);
    return app;
  }

  /** Starts a beat. */
  async join(): Promise<Candidate> {
    const { store, hang } = heldStore(this.#newStore());
    const app = this.app(store);
    const beat = await app.beat({ hostname: `beat${this.beats.length}` });
    const candidate = { app, beat, hang };
    this.beats.push(candidate);
    return candidate;
  }

  /** The one that leads, once there is one. */
  async leader(): Promise<Candidate> {
    const leading = () => this.beats.find(({ beat }) => beat.leads);
    await until(() => leading() !== undefined, "a leader");
    return leading() as Candidate;
  }

  /** The times that were sent for, epoch ms, and by how many tasks. */
  async sent(): Promise<Map<number, number>> {
    const counts = new Map<number, number>();
    let cursor: string | undefined;
    do {
      const page = await this.store.inspector.tasks({ status: "queued" }, {
        limit: 1_000,
        cursor,
      });
      for (const { id } of page.items) {
        const tick = Date.parse(id.slice(id.indexOf("@") + 1));
        counts.set(tick, (counts.get(tick) ?? 0) + 1);
      }
      cursor = page.cursor ?? undefined;
    } while (cursor !== undefined);
    return counts;
  }

  /** Waits until so many more times were sent for. */
  async more(count: number): Promise<void> {
    const before = (await this.sent()).size;
    await until(
      async () => (await this.sent()).size >= before + count,
      `${count} more times`,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const app of this.#apps) await app.close();
    await this.store.close();
  }
}

/** Three beats, and an entry that is due every 100 ms. */
async function crowd(newStore: NewStore, lease: number): Promise<Crowd> {
  const all = new Crowd(newStore, lease);
  await all.store.open();
  await all.app().schedules.add("tick", {
    task: "tick",
    schedule: every(`${PERIOD}ms`, { aligned: true }),
    catchUp: "all",
    catchUpLimit: 10_000,
  });
  for (let count = 0; count < 3; count++) await all.join();
  return all;
}

/** Every time between the first and the last was sent for, once. */
async function assertUnbroken(all: Crowd, tasks: number): Promise<void> {
  const sent = await all.sent();
  const ticks = [...sent.keys()].sort((one, other) => one - other);
  const gaps = ticks.slice(1).filter((tick, at) =>
    tick - (ticks[at] as number) !== PERIOD
  );
  assertEquals(gaps, [], "times that come after a gap");
  assert([...sent.values()].every((count) => count === 1));
  assertEquals(tasks, sent.size, "tasks that were counted as sent");
}

/** What all beats say that they have sent. */
function totalOf(all: Crowd): number {
  return all.beats.reduce((sum, { beat }) => sum + beat.totals.sent, 0);
}

onSharedStores(
  "of three beats one sends; stopped, another goes on at once",
  async (newStore) => {
    await using all = await crowd(newStore, LONG);
    const first = await all.leader();
    await all.more(5);
    const stoppedAt = performance.now();
    await first.beat.stop();
    const second = await all.leader();
    assert(
      performance.now() - stoppedAt < AT_ONCE,
      "nobody waits for the lease",
    );
    assert(first !== second);
    await all.more(5);
    assertEquals(all.beats.filter(({ beat }) => beat.leads).length, 1);
    await second.beat.stop();
    await all.more(5);
    await (await all.leader()).beat.stop();
    await assertUnbroken(all, totalOf(all));
  },
);

onSharedStores(
  "a beat whose store hangs is replaced, and its late calls change nothing",
  async (newStore) => {
    await using all = await crowd(newStore, SHORT);
    const first = await all.leader();
    await all.more(3);
    const hung = first.hang();
    await hung.reached;
    const hungAt = performance.now();
    const others = all.beats.filter((each) => each !== first);
    await until(() => others.some(({ beat }) => beat.leads), "another leader");
    const took = performance.now() - hungAt;
    assert(took < SHORT + AT_ONCE, `it took ${took} ms`);
    await all.more(SHORT / PERIOD + 5);
    hung.release();
    await until(() => !first.beat.leads, "the first one to notice");
    await all.more(3);
    for (const { beat } of all.beats) await beat.stop();
    await assertUnbroken(all, totalOf(all));
  },
);

onSharedStores(
  "changes from another app take effect at once",
  async (newStore) => {
    await using all = await crowd(newStore, LONG);
    await all.leader();
    const operator = all.app();
    const isSent = async (name: string) => {
      const { schedules } = operator;
      return (await schedules.get(name))?.totalRuns !== 0;
    };
    const addedAt = performance.now();
    await operator.schedules.add("added", { task: "tick", schedule: "200ms" });
    await until(() => isSent("added"), "the new entry to be sent");
    const took = performance.now() - addedAt;
    assert(took < AT_ONCE, `it took ${took} ms`);
    await operator.schedules.disable("added");
    const total = (await operator.schedules.get("added"))?.totalRuns;
    await all.more(6);
    assertEquals((await operator.schedules.get("added"))?.totalRuns, total);
  },
);
