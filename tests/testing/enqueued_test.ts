import { assert, assertEquals, assertRejects } from "@std/assert";
import { ConfigError } from "@lovage/lovage";
import {
  assertEnqueued,
  AssertionError,
  enqueued,
  FakeClock,
  refuteEnqueued,
} from "../../src/testing/mod.ts";
import { type Lab, onEachStore, onMemory, untyped } from "../_helpers.ts";

function shop(lab: Lab) {
  const clock = new FakeClock();
  const app = lab.app({ clock });
  const charge = app.task(
    "billing.charge",
    (id: number, _note?: { text: string; at?: Date }) => id,
  );
  return { app, clock, charge };
}

onEachStore("enqueued() lists what waits, decoded", async (lab) => {
  const { app, clock, charge } = shop(lab);
  const at = new Date(5);
  await charge.applyAsync([1, { text: "rich", at }], {
    countdown: "1h",
    expires: "2h",
    headers: { trace: "x" },
    kwargs: { dryRun: true },
    priority: 2,
    queue: "billing",
    taskId: "charge-1",
  });
  await charge.delay(2);
  const [first, second] = await enqueued(app);
  assertEquals(first?.args, [2]);
  assertEquals(first?.status, "queued");
  assertEquals(second, {
    id: "charge-1",
    task: "billing.charge",
    args: [1, { text: "rich", at }],
    kwargs: { dryRun: true },
    queue: "billing",
    priority: 2,
    status: "scheduled",
    eta: new Date(clock.now() + 3_600_000),
    expires: new Date(clock.now() + 7_200_000),
    retries: 0,
    headers: { trace: "x" },
    parentId: null,
  });
});

onMemory("enqueued() lists more than a page", async (lab) => {
  const { app, charge } = shop(lab);
  const ids = Array.from({ length: 1201 }, (_, id) => id);
  await app.sendMany(ids.map((id) => charge.s(id)));
  assertEquals((await enqueued(app)).map(({ args }) => args[0]), ids);
});

onMemory("assertEnqueued() returns what matches", async (lab) => {
  const { app, charge } = shop(lab);
  await charge.delay(1);
  await charge.applyAsync([2], { queue: "billing" });
  await charge.delay(2);
  const found = await assertEnqueued(app, charge, { args: [2], count: 2 });
  assertEquals(found.map(({ queue }) => queue).sort(), ["billing", "default"]);
  await assertEnqueued(app, "billing.charge", { queue: "billing" });
});

onMemory(
  "assertEnqueued() compares arguments as a worker gets them",
  async (lab) => {
    const { app, charge } = shop(lab);
    const at = new Date(5);
    await charge.delay(1, { text: "a", at });
    await assertEnqueued(app, charge, { args: [1, { at, text: "a" }] });
    await refuteEnqueued(app, charge, { args: [1, { text: "a" }] });
    await refuteEnqueued(app, charge, {
      args: [1, { text: "a", at: new Date(6) }],
    });
    await refuteEnqueued(app, charge, { args: [1] });
  },
);

onMemory(
  "assertEnqueued() looks at eta and countdown with a tolerance",
  async (lab) => {
    const { app, clock, charge } = shop(lab);
    await charge.applyAsync([1], { countdown: 60 });
    clock.advance(500);
    await assertEnqueued(app, charge, { countdown: 60 });
    await assertEnqueued(app, charge, { eta: new Date(clock.now() + 59_500) });
    await refuteEnqueued(app, charge, { countdown: 60, within: "100ms" });
    await refuteEnqueued(app, charge, { countdown: 0 });
  },
);

onMemory("assertEnqueued() looks at every other field", async (lab) => {
  const { app, charge } = shop(lab);
  await charge.applyAsync([1], {
    headers: { a: 1, b: { c: 2 } },
    kwargs: { x: 1 },
    priority: 7,
    taskId: "one",
  });
  const right = {
    id: "one",
    headers: { b: { c: 2 } },
    kwargs: { x: 1 },
    priority: 7,
    retries: 0,
    status: "queued",
  } as const;
  await assertEnqueued(app, charge, right);
  const wrong = {
    id: "two",
    headers: { b: { c: 3 } },
    kwargs: {},
    priority: 6,
    retries: 1,
    status: "scheduled",
    where: () => false,
  } as const;
  for (const [name, value] of Object.entries(wrong)) {
    await refuteEnqueued(app, charge, { ...right, [name]: value });
  }
});

onMemory(
  "assertEnqueued() says what waits when the task does not",
  async (lab) => {
    const { app, charge } = shop(lab);
    const none = await assertRejects(
      () => assertEnqueued(app, charge, { args: [1] }),
      AssertionError,
    );
    assertEquals(
      none.message,
      "Expected a task to wait: billing.charge, args [1]. There is none. Nothing waits",
    );
    await charge.applyAsync([2], { countdown: 5, headers: { a: 1 } });
    const other = await assertRejects(
      () => assertEnqueued(app, charge, { args: [1], count: 3 }),
      AssertionError,
    );
    assertEquals(
      other.message,
      `Expected 3 × a task to wait: billing.charge, args [1]. There is 0. What waits:
  billing.charge(2) queue "default", priority 4, eta 2026-01-01T00:00:05.000Z, headers {"a":1}`,
    );
  },
);

onMemory("assertEnqueued() lists no more than people read", async (lab) => {
  const { app, charge } = shop(lab);
  await app.sendMany(Array.from({ length: 30 }, (_, id) => charge.s(id)));
  const error = await assertRejects(
    () => assertEnqueued(app, "other"),
    AssertionError,
  );
  assertEquals(error.message.split("\n").length, 22);
  assert(error.message.endsWith("… 10 more"));
});

onMemory("assertEnqueued() wants the exact count, also none", async (lab) => {
  const { app, charge } = shop(lab);
  await assertEnqueued(app, charge, { count: 0 });
  await charge.delay(1);
  await assertEnqueued(app, charge, { count: 1 });
  await assertRejects(
    () => assertEnqueued(app, charge, { count: 0 }),
    AssertionError,
  );
});

onMemory("refuteEnqueued() lists what must not wait", async (lab) => {
  const { app, charge } = shop(lab);
  await charge.delay(1);
  await charge.delay(2);
  const error = await assertRejects(
    () => refuteEnqueued(app, charge, { args: [2] }),
    AssertionError,
    "billing.charge(2)",
  );
  assert(!error.message.includes("charge(1)"));
});

onMemory(
  "assertEnqueued() refuses an expectation that it does not know",
  async (lab) => {
    const { app, charge } = shop(lab);
    await assertRejects(
      () => assertEnqueued(app, charge, untyped({ queu: "billing" })),
      ConfigError,
      'Did you mean "queue"?',
    );
  },
);
