/**
 * Texts that PostgreSQL cannot keep, and rows that somebody put in by hand.
 */

import { assertEquals } from "@std/assert";
import {
  consumer,
  eventually,
  ids,
  message,
  record,
  reserve,
  settlement,
} from "../../src/testing/conformance/fixtures.ts";
import { postgresSuite } from "./fixtures/postgres_suite.ts";

const test = postgresSuite();

const ODD = ["a\0b", "\ud800", "x\udc00y", "\u0001", '\u0001"z"', '"\\{},', ""];

test("odd texts come back unchanged and spoil nothing for others", async ({ open }) => {
  const store = await open();
  const batch = ODD.map((text) =>
    message(`id ${text}`, { queue: `q ${text}`, task: text, body: text })
  );
  const added = await store.broker.publish([...batch, message("plain")]);
  assertEquals(added.every((one) => one), true);
  assertEquals(await store.broker.publish(batch), batch.map(() => false));
  const queues = [...batch.map((one) => one.queue), "default"];
  const deliveries = await reserve(store, { queues, consumer: "c\0" });
  assertEquals(deliveries.length, batch.length + 1);
  for (const one of batch) {
    const found = deliveries.find(({ id }) => id === one.id);
    assertEquals(
      [found?.queue, found?.task, found?.body],
      [one.queue, one.task, one.body],
    );
  }
  const held = await store.broker.settle(
    "c\0",
    deliveries.map((one) =>
      settlement(one, { kind: "ack" }, {
        result: record(one.id, { value: one.body, error: one.body }),
        publish: [message(`next ${one.id}`, { body: one.body })],
      })
    ),
  );
  assertEquals(held.every((one) => one), true);
  const records = await store.results.fetch(ids(batch));
  assertEquals(records.map((one) => one?.value), batch.map((one) => one.body));
  const next = await reserve(store);
  assertEquals(next.length, batch.length + 1);
});

test("the bus carries odd and long payloads", async ({ open }) => {
  const store = await open();
  const other = await open();
  const heard: string[] = [];
  await other.bus.subscribe("t\0", (payload) => heard.push(payload));
  const payloads = [...ODD, "ü".repeat(100_000), "x".repeat(8_000)];
  for (const payload of payloads) await store.bus.broadcast("t\0", payload);
  await eventually("all", () => heard.length === payloads.length);
  assertEquals(heard.toSorted(), payloads.toSorted());
});

test("rows put in by hand are handed out, settled and listed", async ({ server, schema, open }) => {
  const store = await open();
  await server.psql(`
    insert into ${schema}.task (id, task, queue, priority, eta, body) values
      ('', '', 'default', -2147483648, null, ''),
      ('urgent', 't', 'default', 2147483647, 9223372036854775807, 'no json'),
      ('marked', 't', 'default', 5, -9223372036854775808, E'\\u0001nothing');
    insert into ${schema}.task (id, task, queue, due, losses, cancelled, body)
      values ('due', 't', 'default', -9223372036854775808, -7, 99, '');
    insert into ${schema}.task (id, task, queue, consumer, body)
      values ('orphan', 't', 'default', 'nobody', '');
    insert into ${schema}.consumer values ('odd', 'odd', 0, 0, true, 'no json');
    insert into ${schema}.result (updated_at, ended, id, state, task, meta)
      values (0, true, 'r', '', '', 'no json');
    insert into ${schema}.bus (sent_at, sender, topic, payload)
      values (0, '', E'\\u0001', '');
  `);
  await server.psql(
    "select pg_notify(c, '') from pg_listening_channels() as c",
  );
  for (const status of ["queued", "scheduled", "running"] as const) {
    await store.inspector.tasks({ status }, { limit: 100, cursor: "odd" });
  }
  assertEquals((await store.inspector.consumers())[0]?.details, {});
  await store.results.query({}, { limit: 5, cursor: "odd" });
  const [found] = await store.results.fetch(["r"]);
  assertEquals(found?.meta, "no json");
  await store.broker.heartbeat(consumer("c1"));
  await store.broker.reap();
  const deliveries = await reserve(store);
  assertEquals(deliveries.length, 5);
  const dead = { kind: "dead", reason: "DecodeError", detail: "?" } as const;
  const held = await store.broker.settle(
    "c1",
    deliveries.map((one) => settlement(one, dead)),
  );
  assertEquals(held, deliveries.map(() => true));
  const letters = await store.deadLetters.list({ limit: 100, cursor: "odd" });
  assertEquals(letters.items.length, 5);
  await store.deadLetters.redrive(null);
  await store.deadLetters.purge(["odd", "-1", "99999999999999999999"]);
});
