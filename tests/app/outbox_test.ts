/**
 * Tasks that wait in the application's PostgreSQL for their transaction, and
 * go to Redis from there: by the relay of real workers.
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { type AsyncResult, chord, type Config, Lovage } from "@lovage/lovage";
import { redisStore } from "../../adapters/redis/mod.ts";
import { PATIENCE, until } from "../_helpers.ts";
import { startRedis } from "../adapters/fixtures/redis_server.ts";
import type { WorkerProcess } from "../cli/fixtures/processes.ts";
import { CLIENTS, postgresJs, type UserClient } from "./fixtures/clients.ts";
import { Servers, serversTest, startWorker } from "./fixtures/servers.ts";

const MODULE = new URL("./fixtures/outbox_tasks.ts", import.meta.url).href;
const DIES = new URL("./fixtures/relay_dies.ts", import.meta.url).pathname;

const servers = new Servers();
const soon = { timeout: PATIENCE } as const;

/** Where everything is. */
interface Urls extends Config {
  readonly brokerUrl: string;
  readonly resultBackend: string;
  readonly outbox: string;
}

/** A Redis for the tasks, and a PostgreSQL for all else. */
class Shop implements AsyncDisposable {
  /** Sends; its tasks are known to the workers. */
  readonly app: Lovage;
  readonly client: UserClient;
  readonly broker: string;
  readonly outbox: string;
  readonly directory: string = Deno.makeTempDirSync({ prefix: "lovage-" });
  readonly #stack = new AsyncDisposableStack();
  readonly #env: Readonly<Record<string, string>>;

  static async open(
    connect = postgresJs,
    config: Partial<Urls> = {},
  ): Promise<Shop> {
    const brokerUrl = config.brokerUrl ?? await servers.newRedis();
    const outbox = await servers.newPostgres();
    const all = { brokerUrl, resultBackend: brokerUrl, ...config, outbox };
    return new Shop(all, connect(outbox));
  }

  private constructor(config: Urls, client: UserClient) {
    this.broker = config.brokerUrl;
    this.outbox = config.outbox;
    this.client = client;
    this.#env = {
      LOVAGE_BROKER_URL: config.brokerUrl,
      LOVAGE_RESULT_BACKEND: config.resultBackend,
      LOVAGE_OUTBOX: config.outbox,
    };
    this.app = this.#stack.use(new Lovage("shop", config));
    this.#stack.defer(() => Deno.remove(this.directory, { recursive: true }));
    this.#stack.defer(() => client.close());
  }

  /** A worker with a relay, or without one. */
  async worker(
    env: { LOVAGE_OUTBOX?: string } = {},
    ...args: string[]
  ): Promise<WorkerProcess> {
    const { LOVAGE_OUTBOX, ...plain } = { ...this.#env, ...env };
    const worker = await startWorker(
      MODULE,
      LOVAGE_OUTBOX ? { ...plain, LOVAGE_OUTBOX } : plain,
      ...args,
    );
    this.#stack.defer(() => worker.end());
    return worker;
  }

  /** A worker that dies when it has relayed something. */
  async dieRelaying(): Promise<void> {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", "--frozen", DIES, this.outbox],
      env: this.#env,
    }).spawn();
    assertEquals((await child.status).signal, "SIGKILL");
  }

  /** Sends a trace in a transaction of its own. */
  async commit(text: string, options: object = {}): Promise<AsyncResult> {
    const results: AsyncResult[] = [];
    await this.client.begin(async ({ tx }) => {
      const trace = this.trace(text).set(options);
      results.push(...await this.app.onCommit(tx, trace));
    });
    return results[0] as AsyncResult;
  }

  trace(text: string) {
    return this.app.signature("leaveTrace", [this.path, text]);
  }

  get path(): string {
    return `${this.directory}/trace`;
  }

  /** What the runs have left, in order. */
  async traces(): Promise<readonly string[]> {
    const text = await Deno.readTextFile(this.path).catch(() => "");
    return text.split("\n").filter((line) => line !== "");
  }

  async psql(script: string): Promise<string> {
    const server = await servers.postgres();
    return await server.psql(script, new URL(this.outbox).pathname.slice(1));
  }

  /** Resolves when nothing waits in the outbox. */
  async isEmpty(): Promise<void> {
    await until(
      async () => await this.psql("select count(*) from lovage.task") === "0",
      "the outbox is empty",
    );
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}

for (const connect of CLIENTS) {
  serversTest(
    `a commit is relayed, a rollback not (${connect.name})`,
    async () => {
      await using shop = await Shop.open(connect);
      const { app, client } = shop;
      await shop.worker();
      const failed = client.begin(async ({ tx }) => {
        await app.onCommit(tx, shop.trace("rolled back"));
        await shop.trace("rolled back, too").applyAsync([], { tx });
        throw new RangeError("out of stock");
      });
      await assertRejects(() => failed, RangeError);
      const results: AsyncResult[] = [];
      await client.begin(async (open) => {
        const { tx } = open;
        const many = [shop.trace("one"), shop.trace("two")];
        results.push(...await app.onCommit(tx, ...many));
        results.push(...await app.sendMany([shop.trace("three")], { tx }));
        results.push(await shop.trace("four").applyAsync([], { tx }));
        const part = client.savepoint(open, async (inner) => {
          await app.onCommit(inner.tx, shop.trace("dropped"));
          throw new RangeError("only this part");
        });
        await assertRejects(() => part, RangeError);
      });
      await Promise.all(results.map((each) => each.get(soon)));
      assertEquals(
        (await shop.traces()).toSorted(),
        ["four", "one", "three", "two"],
      );
      await shop.isEmpty();
    },
  );
}

serversTest("a commit relays a chord", async () => {
  await using shop = await Shop.open();
  await shop.worker();
  const last = { ...shop.trace("last").toJSON(), immutable: true };
  const members = [shop.trace("one"), shop.trace("two")];
  await shop.client.begin(async ({ tx }) => {
    await chord(members, shop.app.signature(last))
      .applyAsync([], { tx, taskId: "body" });
  });
  await shop.app.AsyncResult("body").get(soon);
  const traces = await shop.traces();
  assertEquals([traces.toSorted(), traces.at(-1)], [
    ["last", "one", "two"],
    "last",
  ]);
  await shop.isEmpty();
});

serversTest("a commit reaches Redis at once", async () => {
  await using shop = await Shop.open();
  await shop.worker();
  await (await shop.commit("warm")).get(soon);
  const times: number[] = [];
  for (let round = 0; round < 20; round++) {
    const start = performance.now();
    await (await shop.commit(`${round}`)).get(soon);
    times.push(performance.now() - start);
  }
  const median = times.toSorted((a, b) => a - b)[10] as number;
  // A relay that is not woken looks every four seconds at the earliest.
  assert(median < 1_000, `it takes ${median} ms`);
});

serversTest("what was committed in order is relayed in order", async () => {
  await using shop = await Shop.open();
  const ids: string[] = [];
  for (let n = 0; n < 200; n++) ids.push((await shop.commit(`${n}`)).id);
  await shop.worker({}, "-Q", "of-nobody");
  await shop.isEmpty();
  const store = redisStore({ url: shop.broker });
  await store.open();
  const { items } = await store.inspector.tasks(
    { status: "queued", queue: "default" },
    { limit: 500 },
  );
  await store.close();
  assertEquals(items.map(({ id }) => id), ids);
});

serversTest("two relays pass each task on once", async () => {
  await using shop = await Shop.open();
  await Promise.all([shop.worker(), shop.worker()]);
  const results = await Promise.all(
    Array.from({ length: 300 }, (_, n) => shop.commit(`${n}`)),
  );
  await Promise.all(results.map((each) => each.get(soon)));
  await shop.isEmpty();
  const traces = await shop.traces();
  assertEquals([traces.length, new Set(traces).size], [300, 300]);
});

for (const where of ["redis", "postgres"] as const) {
  serversTest(
    `a relay that dies on the way repeats nothing (results in ${where})`,
    async () => {
      const config = where === "postgres"
        ? { resultBackend: await servers.newPostgres() }
        : {};
      await using shop = await Shop.open(postgresJs, config);
      const ended = await shop.commit("ended");
      const live = await shop.commit("live", { queue: "later" });
      await shop.dieRelaying();
      assertEquals(await shop.psql("select count(*) from lovage.task"), "2");
      // One of the two has ended before the next relay comes to it.
      await shop.worker({ LOVAGE_OUTBOX: "" });
      assertEquals(await ended.get(soon), "ended");
      await shop.worker({}, "-Q", "of-nobody");
      await shop.isEmpty();
      await shop.worker({ LOVAGE_OUTBOX: "" }, "-Q", "default,later");
      assertEquals(await live.get(soon), "live");
      assertEquals(await shop.traces(), ["ended", "live"]);
    },
  );
}

serversTest("an id that is used again runs again", async () => {
  await using shop = await Shop.open(postgresJs, {
    resultBackend: await servers.newPostgres(),
  });
  await shop.worker();
  const once = await shop.commit("first", { taskId: "again" });
  assertEquals(await once.get(soon), "first");
  const again = await shop.commit("second", { taskId: "again" });
  await until(async () => (await shop.traces()).length === 2, "it runs again");
  await until(async () => await again.result() === "second", "its result");
});

serversTest("commits go on while Redis is away", async () => {
  const redis = await startRedis();
  try {
    await using shop = await Shop.open(postgresJs, { brokerUrl: redis.url });
    await shop.worker();
    await (await shop.commit("before")).get(soon);
    await redis.kill();
    const away = await shop.commit("while away", { taskId: "chosen" });
    await redis.start();
    assertEquals(await away.get({ timeout: "30s" }), "while away");
    await shop.isEmpty();
  } finally {
    await redis.stop();
  }
});

serversTest("the outbox may be away for a while", async () => {
  const postgres = await servers.postgres();
  await using shop = await Shop.open();
  const worker = await shop.worker();
  await (await shop.commit("before")).get(soon);
  await postgres.stop("immediate");
  await postgres.start();
  // The client of the user's own meets the restart, too.
  let after: AsyncResult | undefined;
  await until(async () => {
    after = await shop.commit("after").catch(() => undefined);
    return after !== undefined;
  }, "the database is back");
  assertEquals(await after?.get({ timeout: "30s" }), "after");
  worker.kill("SIGTERM");
  assertEquals((await worker.status()).code, 0);
});

serversTest("what is no task in the outbox stops nothing", async () => {
  await using shop = await Shop.open();
  await (await shop.commit("creates the tables")).revoke();
  await shop.psql(`
    insert into lovage.task (id, task, queue, priority, body) values
      ('text', 'odd', 'lovage.outbox', 0, 'no JSON'),
      ('empty', 'odd', 'lovage.outbox', 0, '{}'),
      ('urgent', 'odd', 'lovage.outbox', 0,
        '{"id":"urgent","task":"odd","queue":"default","priority":-1,"body":""}')
  `);
  const worker = await shop.worker();
  assertEquals(await (await shop.commit("sound")).get(soon), "sound");
  await shop.isEmpty();
  await worker.line(/urgent is a dead letter of the outbox now/);
  assertEquals(
    await shop.psql("select id, reason from lovage.dead order by id"),
    "empty|DecodeError\ntext|DecodeError\nurgent|DecodeError",
  );
});

serversTest("a task that waits in the outbox can be revoked", async () => {
  await using shop = await Shop.open();
  const result = await shop.commit("never");
  await result.revoke();
  await shop.worker();
  await until(async () => await result.state() === "REVOKED", "it is revoked");
  assertEquals(await shop.traces(), []);
});

serversTest("a task in an isolate has the outbox, too", async () => {
  await using shop = await Shop.open();
  await shop.worker();
  const parent = await shop.app.sendTask("follow.up", [
    shop.outbox,
    shop.path,
  ]);
  await parent.get(soon);
  assertEquals(await shop.app.AsyncResult("followed").get(soon), "followed");
});

serversTest("an outbox beside a PostgreSQL broker elsewhere", async () => {
  // Both have tables of the same names: what is for the one must not be put
  // into the other, where no worker would look.
  const brokerUrl = await servers.newPostgres();
  await using shop = await Shop.open(postgresJs, { brokerUrl });
  const { app, client } = shop;
  app.task("add", (a: number, b: number) => a + b);
  await using _worker = await app.worker({ pool: "async" });
  let sum: AsyncResult | undefined;
  await client.begin(async ({ tx }) => {
    sum = await app.sendTask("add", [1, 2], { tx });
  });
  assertEquals(await sum?.get(soon), 3);
});
