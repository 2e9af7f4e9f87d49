import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import {
  chain,
  chord,
  group,
  type Lovage,
  map,
  StoreError,
} from "@lovage/lovage";
import { freeze } from "../../src/canvas/freeze.ts";
import { internalsOf } from "../../src/internals.ts";
import { encodeEnvelope } from "../../src/message/envelope.ts";
import { Behind, TOKEN } from "./_fixture.ts";

const ORDERS = "a-token-for-orders-only";
const NARROW = "a-token-for-one-queue";
const READS = "a-token-that-reads-nothing";

function scoped(): Behind {
  return new Behind(`memory://${crypto.randomUUID()}`, {
    tokens: [
      { name: "all", token: TOKEN, revoke: true },
      {
        name: "orders",
        token: ORDERS,
        tasks: ["orders.*"],
        queues: ["default", "orders"],
      },
      { name: "blind", token: READS, results: false },
      { name: "narrow", token: NARROW, queues: ["default"] },
    ],
  });
}

function define(app: Lovage) {
  return {
    order: app.task("orders.place", (n: number) => n),
    total: app.task(
      "orders.total",
      (all: number[]) => all.reduce((a, b) => a + b, 0),
    ),
  };
}

/** Sends a message as a relay of an outbox does. */
async function sendMessage(
  behind: Behind,
  task: string,
  args: readonly unknown[],
  { token = ORDERS, id = crypto.randomUUID() as string, ...fields } = {},
) {
  const place = { id, task, queue: "default", priority: 4 };
  const body = encodeEnvelope({
    ...place,
    ...{ v: 1, sentAt: 0, args, rootId: id, retries: 0 },
  });
  const messages = [{ ...place, eta: null, body, ...fields }];
  const headers = { authorization: `Bearer ${token}` };
  return await behind.post("/v1/publish", { messages }, headers);
}

function sendLaunch(
  behind: Behind,
  canvas: unknown,
  values: readonly unknown[] = [],
  options: { readonly token?: string } = {},
) {
  return sendMessage(behind, "lovage.launch", [canvas, values], options);
}

async function refusal(sending: Promise<unknown>): Promise<string> {
  const error = await assertRejects(() => sending, StoreError);
  assertEquals((error as StoreError).transient, false);
  return (error as StoreError).message;
}

Deno.test("a token sends its own tasks, to its own queues", async () => {
  await using behind = scoped();
  const client = behind.client(ORDERS);
  const order = client.task("orders.place", (n: number) => n);
  const secret = client.task("admin.erase", (n: number) => n);
  const ok = await order.delay(1);
  assertEquals(typeof ok.id, "string");
  await order.applyAsync([1], { queue: "orders" });

  const notTask = /is not for task "admin\.erase"/;
  const ways: Record<string, () => Promise<unknown>> = {
    "by itself": () => secret.delay(1),
    "as a callback": () => order.applyAsync([1], { link: secret.s() }),
    "for errors": () => order.applyAsync([1], { linkError: secret.si(1) }),
    "in a chain": () => chain(order.s(1), secret.s()).delay(),
    "far along a chain": () =>
      chain(
        order.s(1),
        ...Array.from({ length: 20 }, () => order.s()) as [],
        secret.s() as never,
      ).delay(),
    "in a group": () => group([order.s(1), secret.s(1)]).delay(),
    "as a body": () =>
      chain(group([order.s(1), order.s(2)]), secret.s() as never).delay(),
    "by map": () => map(secret, [1, 2]).delay(),
    "as a callback of a callback": () =>
      order.applyAsync([1], {
        link: order.si(1).set({ link: secret.si(1) }),
      }),
  };
  for (const [how, send] of Object.entries(ways)) {
    assertMatch(await refusal(send()), notTask, how);
  }
  assertMatch(
    await refusal(order.applyAsync([1], { queue: "billing" })),
    /is not for queue "billing"/,
  );
  assertMatch(
    await refusal(
      order.applyAsync([1], { link: order.si(1).set({ queue: "billing" }) }),
    ),
    /is not for queue "billing"/,
  );
  // What a task names at run time could be anything.
  assertMatch(
    await refusal(
      chain(order.s(1), client.signature("lovage.map", [[1]]) as never).delay(),
    ),
    /is to be told by another task which one to call/,
  );
});

Deno.test("a token sends chords of thousands, and canvases from an outbox", async () => {
  await using behind = scoped();
  for (const app of [behind.app, behind.client(ORDERS)]) define(app);
  const { order, total } = define(behind.client(ORDERS));
  await using worker = await behind.app.worker({ pool: "async" });
  const ids = Array.from({ length: 2_500 }, (_, n) => n);
  const large = await chord(ids.map((n) => order.s(n)), total.s()).delay();
  assertEquals(await large.get({ timeout: "30s" }), 3_123_750);
  // Nor is the guard left behind, though the token may not revoke.
  const { broker } = await internalsOf(behind.app).stores.open();
  const [stats] = await broker.inspector.queues();
  assertEquals(stats?.scheduled ?? 0, 0);

  const canvas = chord([order.s(1), order.s(2)], total.s());
  const frozen = freeze(canvas.toJSON(), "launched");
  const { status, message } = await sendLaunch(behind, frozen);
  assertEquals([status, message], [200, ""]);
  const launched = behind.app.AsyncResult<number>("launched");
  assertEquals(await launched.get({ timeout: "10s" }), 3);
  await worker.stop();
});

Deno.test("what internal messages hold is for the token, or they are refused", async () => {
  await using behind = scoped();
  const call = (task: string, more = {}) => ({
    ...{ task, args: [1], options: { taskId: crypto.randomUUID() } },
    ...more,
  });
  const order = call("orders.place");
  const erase = call("admin.erase");
  const mapped = call("lovage.map", { args: ["admin.erase", [1]] });
  const elsewhere = { taskId: "t", queue: "billing" };
  const canvases: [unknown, unknown[], RegExp][] = [
    [erase, [], /not for task "admin\.erase"/],
    [{ chain: [order, erase] }, [], /not for task/],
    [{ chord: [order], body: erase, id: "g" }, [], /not for task/],
    [{ ...mapped, immutable: true }, [], /not for task/],
    [mapped, ["orders.place"], /told by another task which one/],
    [
      call("orders.place", { options: { ...elsewhere } }),
      [],
      /queue "billing"/,
    ],
    [
      call("orders.place", { options: { taskId: "t", link: erase } }),
      [],
      /not for task/,
    ],
    [
      call("lovage.launch", { args: [erase, []], immutable: true }),
      [],
      /not for task "admin\.erase"/,
    ],
    [call("lovage.guard", { args: [[], "x"] }), [], /not for task/],
    [{ chain: 5 }, [], /canvas/],
    ["x", [], /canvas/],
  ];
  for (const [canvas, values, expected] of canvases) {
    const { status, message } = await sendLaunch(behind, canvas, values);
    assertMatch(message, expected, JSON.stringify(canvas));
    assert(status === 403 || status === 400, `${status} ${message}`);
  }
  // A predecessor would tell what is to be sent.
  const client = behind.client(ORDERS);
  assertMatch(
    await refusal(
      chain(
        define(client).order.s(1),
        client.signature("lovage.launch", [[]]) as never,
      ).delay(),
    ),
    /is to be told by another task/,
  );
  // Queues are held to also where all tasks are allowed.
  const all = await sendLaunch(behind, { ...order, options: elsewhere }, [], {
    token: NARROW,
  });
  assertMatch(all.message, /not for queue "billing"/);
  // A guard fails groups: only those that begin with it may be its.
  const foreign = [[{ id: "some-group", size: 3 }], "last"];
  const { message } = await sendMessage(behind, "lovage.guard", foreign);
  assertMatch(message, /guard of group "some-group", which does not begin/);
});

Deno.test("a token takes neither the keys nor the ids of others' tasks", async () => {
  await using behind = scoped();
  const send = (fields: Record<string, unknown>) =>
    sendMessage(behind, "orders.place", [1], fields);
  for (const key of ["task:orders.place\n7", "task:orders.place"]) {
    const unique = { key, until: null };
    assertEquals((await send({ unique })).status, 200, key);
  }
  const most = 1;
  for (
    const fields of [
      { unique: { key: "task:users.delete\n7", until: null } },
      { unique: { key: "task:orders.place2\n7", until: null } },
      { limits: [{ kind: "concurrency", key: "last:users.delete\n7", most }] },
      { limits: [{ kind: "rate", key: "queue:users", most, per: 1000 }] },
    ]
  ) {
    const { status, message } = await send(fields);
    assertEquals(status, 403, message);
    assertMatch(message, /"orders" sends .* with a key that is not of this/);
  }

  const other = await behind.app.sendTask("users.delete", [1], {
    taskId: "delete-1",
  });
  for (const replace of [true, false]) {
    const { status, message } = await send({ id: other.id, replace });
    assertEquals(status, 403);
    assertMatch(message, /may not send delete-1, which is another's task/);
  }
  const { broker } = await internalsOf(behind.app).stores.open();
  const [waiting] = await broker.inspector.find([other.id]);
  assertEquals(waiting?.task, "users.delete");
});

Deno.test("limits that are none are refused with a sentence", async () => {
  await using behind = scoped();
  const rate = { kind: "rate", key: "key:mail", most: 1, per: 1000 };
  for (
    const [fields, wanted] of [
      [{ limits: [] }, /limits must be a list of 1 to 16 limits/],
      [{ limits: 7 }, /limits must be a list of 1 to 16 limits/],
      [{ limits: [null] }, /limits\[0\] must be an object/],
      [{ limits: [{ ...rate, kind: "x" }] }, /kind must be "rate" or "conc/],
      [{ limits: [{ ...rate, key: "a\0" }] }, /key must be a key as senders/],
      [{ limits: [{ ...rate, most: 1.5 }] }, /most must be a whole number/],
      [{ limits: [{ ...rate, per: 0 }] }, /per must be a span of time in ms/],
      [{ limits: [rate, rate] }, /limits must be .* no limit stands twice/],
      [{ unique: "a" }, /unique must be an object/],
      [{ unique: { key: "a" } }, /until must be a time/],
      [{ unique: { key: "a", until: 1, waiting: true } }, /waiting must be t/],
    ] as const
  ) {
    const answer = await sendMessage(behind, "orders.place", [1], {
      token: TOKEN,
      ...fields,
    });
    assertEquals(answer.status, 400, answer.message);
    assertMatch(answer.message, wanted);
  }
  const sent = await sendMessage(behind, "orders.place", [1], {
    token: TOKEN,
    ...{ limits: [rate], unique: { key: "a", until: 1, waiting: false } },
  });
  assertEquals(sent.status, 200, sent.message);
});

Deno.test("results and tasks of others are not for a token", async () => {
  await using behind = scoped();
  const erase = behind.app.task("admin.erase", (n: number) => n);
  const waits = await erase.delay(1);
  await using worker = await behind.app.worker({ pool: "async" });
  await waits.get({ timeout: "10s" });
  const client = behind.client(ORDERS);
  const all = behind.client();
  assertEquals(await all.AsyncResult(waits.id).state(), "SUCCESS");
  assertEquals(await client.AsyncResult(waits.id).state(), "PENDING");
  assertMatch(
    await refusal(behind.client(READS).AsyncResult(waits.id).state()),
    /"blind" may not read results/,
  );
  assertMatch(
    await refusal(client.AsyncResult(waits.id).revoke()),
    /"orders" may not revoke tasks/,
  );
  await worker.stop();
});

Deno.test("whoever has no token, or sends what is no request, is refused", async () => {
  await using behind = new Behind("memory://", { maxBodySize: 1_000 });
  const cases: [string, unknown, Record<string, string> | undefined, number][] =
    [
      ["/v1/hello", {}, {}, 401],
      ["/v1/hello", {}, { authorization: "Bearer wrong-wrong-wrong" }, 401],
      ["/v1/hello", {}, { authorization: "Basic YTpi" }, 401],
      ["/v1/nothing", {}, undefined, 404],
      ["/v1/toString", {}, undefined, 404],
      ["/v1/../v1/none", {}, undefined, 404],
      ["/v1/publish", "no JSON", undefined, 400],
      ["/v1/publish", [], undefined, 400],
      ["/v1/publish", { messages: {} }, undefined, 400],
      ["/v1/publish", { messages: [{ id: "a" }] }, undefined, 400],
      ["/v1/fetch", { ids: [1] }, undefined, 400],
      ["/v1/fetch", { ids: ["x".repeat(2_000)] }, undefined, 413],
    ];
  for (const [path, body, headers, wanted] of cases) {
    const { status, message } = await behind.post(path, body, headers);
    assertEquals(status, wanted, `${path}: ${message}`);
    assert(message.length > 10, path);
  }
  const message = {
    ...{ id: "a", task: "t", queue: "default", priority: 4, eta: null },
    body: JSON.stringify({
      ...{ v: 1, id: "a", task: "other", args: [], sentAt: 0 },
      ...{ queue: "default", priority: 4 },
    }),
  };
  const lie = await behind.post("/v1/publish", { messages: [message] });
  assertMatch(
    lie.message,
    /says that its task is "t", and its body .* "other"/,
  );
  const health = await fetch(`${behind.url}/healthz`);
  assertEquals([health.status, await health.json()], [200, { status: "ok" }]);
});

Deno.test("pages of other origins call it only where that is said", async () => {
  await using behind = new Behind("memory://", {
    origins: ["https://shop.example"],
  });
  const ask = async (origin: string) => {
    const response = await fetch(`${behind.url}/v1/hello`, {
      method: "OPTIONS",
      headers: { origin },
    });
    await response.body?.cancel();
    return response.headers.get("access-control-allow-origin");
  };
  assertEquals(await ask("https://shop.example"), "https://shop.example");
  assertEquals(await ask("https://evil.example"), null);
});
