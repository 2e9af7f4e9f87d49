/**
 * Tasks that are sent within a transaction of the user's own, over the
 * clients that users have.
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  type AsyncResult,
  chain,
  chord,
  ConfigError,
  group,
  Lovage,
  StoreError,
} from "@lovage/lovage";
import postgres from "postgres";
import { postgresStore } from "../../adapters/postgres/mod.ts";
import { PATIENCE, until } from "../_helpers.ts";
import {
  CLIENTS,
  nodePostgres,
  type PgClient,
  pgPool,
  type UserClient,
} from "./fixtures/clients.ts";
import { Servers, serversTest, startWorker } from "./fixtures/servers.ts";

const servers = new Servers();

/** An app on a database, a client of the user's own, and a table of theirs. */
interface Shop {
  readonly url: string;
  readonly app: Lovage;
  readonly client: UserClient;
  /** Makes another client of the same kind. */
  connect(url: string): UserClient;
  /** Runs a script as the superuser. */
  psql(script: string): Promise<string>;
}

/** Registers a test over each client. */
function shopTest(name: string, test: (shop: Shop) => Promise<void>): void {
  for (const connect of CLIENTS) {
    serversTest(`${name} (${connect.name})`, async () => {
      const url = await servers.newPostgres();
      const client = connect(url);
      const app = newApp(url);
      const server = await servers.postgres();
      const psql = (script: string) =>
        server.psql(script, new URL(url).pathname.slice(1));
      try {
        await psql("create table orders (id int)");
        await test({ url, app, client, connect, psql });
      } finally {
        await client.close();
        await app.close();
      }
    });
  }
}

function newApp(brokerUrl: string): Lovage {
  const app = new Lovage("shop", { brokerUrl });
  app.task("add", (a: number, b: number) => a + b);
  app.task("sum", (all: number[]) => all.reduce((a, b) => a + b, 0));
  return app;
}

/** What a worker finds to do until nothing is left. */
async function statesOf(
  app: Lovage,
  ids: readonly string[],
): Promise<readonly string[]> {
  await using _worker = await app.worker({ pool: "async" });
  // Sent last and served last: when it has ended, so have all before.
  const last = await app.sendTask("add", [0, 0], { priority: 9 });
  await last.get({ timeout: PATIENCE });
  return await Promise.all(ids.map((id) => app.AsyncResult(id).state()));
}

shopTest("a commit sends, and wakes a worker at once", async (shop) => {
  const { app, client } = shop;
  await using _worker = await app.worker({ pool: "async" });
  // The worker waits for a notification, not for its next look.
  await (await app.sendTask("add", [1, 1])).get({ timeout: PATIENCE });
  let committedAt = 0;
  let result: AsyncResult | undefined;
  await client.begin(async ({ tx, run }) => {
    await run("insert into orders values (1)");
    result = await app.sendTask("add", [20, 22], { tx });
    assertEquals(await result.state(), "PENDING");
    committedAt = performance.now();
  });
  assertEquals(await result?.get({ timeout: PATIENCE }), 42);
  const ms = performance.now() - committedAt;
  assert(ms < 1000, `it took ${ms} ms from the commit to the result`);
  assertEquals(await shop.psql("select id from orders"), "1");
});

shopTest("a commit sends canvases, an error sends none", async (shop) => {
  const { app, client, psql } = shop;
  await using _worker = await app.worker({ pool: "async" });
  const add = (a: number, b: number) => app.signature("add", [a, b]);
  const sums = (taskId: string) =>
    chord(
      [add(1, 2), chain(add(3, 4), app.signature("add", [10]))],
      app.signature<number>("sum"),
    ).set({ taskId });
  const came: unknown[] = [];
  let handles: readonly {
    get(how: { timeout: typeof PATIENCE }): Promise<unknown>;
  }[] = [];
  await client.begin(async ({ tx }) => {
    const members = group([add(2, 2), sums("inner")]);
    handles = await app.onCommit(tx, sums("kept"), add(1, 1), members);
  });
  for (const each of handles) came.push(await each.get({ timeout: PATIENCE }));
  assertEquals(came, [20, 2, [4, 20]]);
  const failed = client.begin(async ({ tx }) => {
    await sums("gone").applyAsync([], { tx });
    throw new RangeError("out of stock");
  });
  await assertRejects(() => failed, RangeError, "out of stock");
  assertEquals(await statesOf(app, ["gone"]), ["PENDING"]);
  assertEquals(await psql("select count(*) from lovage.task_group"), "0");
});

shopTest("an error sends nothing", async ({ app, client, psql }) => {
  const failed = client.begin(async ({ tx, run }) => {
    await run("insert into orders values (1)");
    await app.sendTask("add", [1, 1], { tx, taskId: "gone" });
    throw new RangeError("out of stock");
  });
  await assertRejects(() => failed, RangeError, "out of stock");
  assertEquals(await statesOf(app, ["gone"]), ["PENDING"]);
  assertEquals(await psql("select count(*) from orders"), "0");
});

shopTest("an error of the database sends nothing", async ({ app, client }) => {
  const failed = client.begin(async ({ tx, run }) => {
    await app.sendTask("add", [1, 1], { tx, taskId: "gone" });
    await run("insert into nowhere values (1)");
  });
  await assertRejects(() => failed, Error, '"nowhere" does not exist');
  assertEquals(await statesOf(app, ["gone"]), ["PENDING"]);
});

shopTest("a savepoint that is rolled back sends nothing", async (shop) => {
  const { app, client } = shop;
  await client.begin(async (open) => {
    await app.sendTask("add", [1, 1], { tx: open.tx, taskId: "kept" });
    const part = client.savepoint(open, async ({ tx }) => {
      await app.sendTask("add", [1, 1], { tx, taskId: "dropped" });
      throw new Error("Only this part");
    });
    await assertRejects(() => part, Error, "Only this part");
    await client.savepoint(open, async ({ tx }) => {
      await app.sendTask("add", [1, 1], { tx, taskId: "kept too" });
    });
  });
  assertEquals(
    await statesOf(app, ["kept", "dropped", "kept too"]),
    ["SUCCESS", "PENDING", "SUCCESS"],
  );
});

shopTest(
  "a process that dies before the commit sends nothing",
  async (shop) => {
    const { url, app, client, psql } = shop;
    // The tables are there before, as they are in any application that runs.
    await (await app.sendTask("add", [1, 1])).forget();
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--allow-all", "--quiet", "--frozen"],
        new URL("./fixtures/dies_in_transaction.ts", import.meta.url).pathname,
        ...[url, client.name],
      ],
      stdout: "piped",
    }).spawn();
    const reader = child.stdout.getReader();
    await reader.read();
    child.kill("SIGKILL");
    await child.status;
    await reader.cancel();
    // The server has noticed when the id is free again.
    await until(
      async () =>
        await psql(
          "select count(*) from pg_stat_activity where state = 'idle in transaction'",
        ) === "0",
      "its transaction is over",
    );
    assertEquals(await statesOf(app, ["never"]), ["PENDING"]);
    assertEquals(await psql("select count(*) from orders"), "0");
  },
);

shopTest("many are sent together, some later", async ({ app, client }) => {
  await using worker = await app.worker({ pool: "async" });
  assertEquals(worker.totals.held, 0);
  let results: readonly AsyncResult[] = [];
  let later: AsyncResult | undefined;
  let committedAt = 0;
  await client.begin(async ({ tx }) => {
    const signatures = Array.from(
      { length: 1000 },
      (_, n) => app.signature<number>("add", [n, 1]),
    );
    results = await app.sendMany(signatures, { tx });
    later = await app.sendTask("add", [1, 1], { tx, countdown: "500ms" });
    committedAt = performance.now();
  });
  const values = await Promise.all(
    results.map((each) => each.get({ timeout: PATIENCE })),
  );
  assertEquals(values, values.map((_, n) => n + 1));
  await later?.get({ timeout: PATIENCE });
  assert(performance.now() - committedAt >= 400);
});

shopTest("an id that is live is the same task", async ({ app, client }) => {
  await app.sendTask("add", [1, 1], { taskId: "one" });
  await client.begin(async ({ tx }) => {
    await app.sendTask("add", [2, 2], { tx, taskId: "one" });
    await app.sendTask("add", [3, 3], { tx, taskId: "two" });
    await app.sendTask("add", [4, 4], { tx, taskId: "two" });
  });
  assertEquals(await statesOf(app, ["one", "two"]), ["SUCCESS", "SUCCESS"]);
  assertEquals(await app.AsyncResult("one").result(), 2);
  assertEquals(await app.AsyncResult("two").result(), 6);
});

shopTest(
  "an id that has ended starts over, or keeps its result",
  async (shop) => {
    const { app, client } = shop;
    await app.sendTask("add", [1, 1], { taskId: "again" });
    await statesOf(app, ["again"]);
    const failed = client.begin(async ({ tx }) => {
      await app.sendTask("add", [2, 2], { tx, taskId: "again" });
      throw new Error("Not today");
    });
    await assertRejects(() => failed);
    assertEquals(await app.AsyncResult("again").result(), 2);
    await client.begin(async ({ tx }) => {
      await app.sendTask("add", [2, 2], { tx, taskId: "again" });
    });
    assertEquals(await app.AsyncResult("again").state(), "PENDING");
    await statesOf(app, []);
    assertEquals(await app.AsyncResult("again").result(), 4);
  },
);

shopTest("any isolation will do", async ({ app, client }) => {
  const serializable = (id: string) =>
    client.begin(async ({ tx, run }) => {
      await run("set transaction isolation level serializable");
      await run("select * from orders");
      await app.sendTask("add", [1, 1], { tx, taskId: id, countdown: 0.01 });
    });
  const ids = Array.from({ length: 20 }, (_, n) => `s${n}`);
  // Two at a time: neither reads what the other writes.
  for (const id of ids) {
    await Promise.all([serializable(`${id}a`), serializable(`${id}b`)]);
  }
  await using _worker = await app.worker({ pool: "async" });
  for (const id of ids) {
    await app.AsyncResult(`${id}a`).get({ timeout: PATIENCE });
    await app.AsyncResult(`${id}b`).get({ timeout: PATIENCE });
  }
});

shopTest("a transaction that has failed says so", async ({ app, client }) => {
  const failed = client.begin(async ({ tx, run }) => {
    await run("insert into nowhere values (1)").catch(() => {});
    await assertRejects(
      () => app.sendTask("add", [1, 1], { tx }),
      StoreError,
      "The transaction has failed already",
    );
    throw new Error("rolled back");
  });
  await assertRejects(() => failed);
});

shopTest("a transaction on another database is refused", async (shop) => {
  const { client } = shop;
  const elsewhere = newApp(await servers.newPostgres());
  try {
    const send = () =>
      client.begin(async ({ tx }) => {
        await elsewhere.sendTask("add", [1, 1], { tx, taskId: "lost" });
      });
    await assertRejects(
      send,
      StoreError,
      'The transaction is on a database without the schema "lovage"',
    );
    // With tables of the same names, where nobody would look for it. It is
    // not there though the transaction goes on.
    await shop.app.sendTask("add", [1, 1]);
    let error = new Error();
    await client.begin(async ({ tx }) => {
      error = await assertRejects(
        () => elsewhere.sendTask("add", [1, 1], { tx, taskId: "lost" }),
        StoreError,
        "begin it there",
      );
    });
    assert(error.message.includes(new URL(shop.url).pathname.slice(1)));
    assert(error.message.includes("set `outbox`"));
    assertEquals(await statesOf(shop.app, ["lost"]), ["PENDING"]);
  } finally {
    await elsewhere.close();
  }
});

shopTest(
  "a user with few rights sends, one with none is told",
  async (shop) => {
    const { app, url, psql } = shop;
    await app.sendTask("add", [1, 1]);
    const user = `clerk_${new URL(url).pathname.slice(6)}`;
    await psql(`create role ${user} login`);
    const server = await servers.postgres();
    const database = new URL(url).pathname.slice(1);
    const clerk = shop.connect(server.url({ user, database }));
    const send = () =>
      clerk.begin(async ({ tx }) => {
        await app.sendTask("add", [1, 1], { tx, taskId: "clerk" });
      });
    try {
      await assertRejects(send, StoreError, "grant it USAGE on the schema");
      // As the message says.
      await psql(`
      grant usage on schema lovage to ${user};
      grant usage on all sequences in schema lovage to ${user};
      grant select, insert on lovage.task to ${user};
      grant select, delete on lovage.result to ${user};
    `);
      await send();
      assertEquals(await statesOf(app, ["clerk"]), ["SUCCESS"]);
    } finally {
      await clerk.close();
    }
  },
);

serversTest("what commits each statement by itself is refused", async () => {
  const url = await servers.newPostgres();
  const app = newApp(url);
  const sql = postgres(url, { max: 1 });
  const pool = pgPool(url);
  const client = await pool.connect();
  try {
    const wrong: readonly (readonly [unknown, string])[] = [
      [sql, "`sql` itself"],
      [pool, "a pool"],
      [client, "a client without an open transaction"],
    ];
    for (const [tx, what] of wrong) {
      await assertRejects(
        () => app.sendTask("add", [1, 1], { tx, taskId: "lost" }),
        StoreError,
        `${what}, where every statement commits by itself`,
      );
    }
    assertEquals(await statesOf(app, ["lost"]), ["PENDING"]);
  } finally {
    client.release();
    await pool.end();
    await sql.end();
    await app.close();
  }
});

serversTest("a client that answers with rows alone will do", async () => {
  // Such as that of TypeORM.
  const url = await servers.newPostgres();
  const app = newApp(url);
  const client = nodePostgres(url);
  try {
    await client.begin(async ({ tx }) => {
      const { query } = tx as PgClient;
      const runner = {
        query: async (text: string, params: readonly unknown[]) =>
          (await query.call(tx, text, [...params])).rows,
      };
      await app.sendTask("add", [1, 1], { tx: runner, taskId: "typed" });
    });
    assertEquals(await statesOf(app, ["typed"]), ["SUCCESS"]);
  } finally {
    await client.close();
    await app.close();
  }
});

serversTest("a schema of another name serves transactions, too", async () => {
  const url = await servers.newPostgres();
  const store = postgresStore({ url, schema: 'odd "name"' });
  const app = new Lovage("odd", { store });
  app.task("add", (a: number, b: number) => a + b);
  const client = nodePostgres(url);
  try {
    await client.begin(async ({ tx }) => {
      await app.sendTask("add", [1, 1], { tx, taskId: "odd" });
    });
    assertEquals(await statesOf(app, ["odd"]), ["SUCCESS"]);
  } finally {
    await client.close();
    await app.close();
  }
});

serversTest("Redis says what it takes to send in a transaction", async () => {
  const app = newApp(await servers.newRedis());
  const url = await servers.newPostgres();
  const client = nodePostgres(url);
  try {
    await client.begin(async ({ tx }) => {
      for (
        const send of [
          () => app.sendTask("add", [1, 1], { tx }),
          () => app.onCommit(tx, app.signature("add", [1, 1])),
        ]
      ) {
        const error = await assertRejects(send, ConfigError, "`outbox`");
        assert(error.message.startsWith("redis:// cannot send within a"));
        assert(error.message.includes("app.onCommit()"));
      }
    });
  } finally {
    await client.close();
    await app.close();
  }
});

serversTest("a task in an isolate has transactions, too", async () => {
  const url = await servers.newPostgres();
  const app = new Lovage("sender", { brokerUrl: url });
  const module = new URL("./fixtures/transaction_tasks.ts", import.meta.url);
  const worker = await startWorker(module.href, { LOVAGE_BROKER_URL: url });
  try {
    const kept = await app.sendTask("follow.up", [url, "kept", true]);
    assertEquals(await kept.get({ timeout: PATIENCE }), "kept");
    const followed = app.AsyncResult("after kept");
    assertEquals(await followed.get({ timeout: PATIENCE }), "noted kept");
    const dropped = await app.sendTask("follow.up", [url, "dropped", false]);
    await assertRejects(() => dropped.get({ timeout: PATIENCE }), RangeError);
    const last = await app.sendTask("note", ["last"], { priority: 9 });
    await last.get({ timeout: PATIENCE });
    assertEquals(await app.AsyncResult("after dropped").state(), "PENDING");
  } finally {
    await app.close();
    await worker.end();
  }
});
