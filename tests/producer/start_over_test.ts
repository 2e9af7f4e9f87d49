/** Ids that are used again, where results are in a store of their own. */

import { assertEquals, assertRejects } from "@std/assert";
import { EncodeError, StoreError } from "@lovage/lovage";
import type { ResultRecord } from "../../src/contracts/mod.ts";
import { internalsOf } from "../../src/internals.ts";
import { startingOver } from "../../src/producer/start_over.ts";
import type { OpenStores } from "../../src/producer/stores.ts";
import {
  type Faults,
  faultyStore,
  type Lab,
  onMemory,
  PATIENCE,
  rawMessage,
} from "../_helpers.ts";

const OLD: ResultRecord = {
  id: "old",
  state: "FAILURE",
  ended: true,
  task: "raw",
  worker: null,
  updatedAt: 1,
  expiresAt: null,
  value: null,
  error: null,
  meta: "{}",
};

/** Two stores: one that fails on demand, and one that knows of an old task. */
async function splitStores(
  lab: Lab,
): Promise<{ stores: OpenStores; faults: Faults }> {
  const { store: broker, faults } = faultyStore(await lab.store());
  const elsewhere = lab.app({ resultBackend: newMemory() });
  const { backend } = await internalsOf(elsewhere).stores.open();
  await backend.results.store([OLD]);
  return { stores: { broker, backend, atomic: false }, faults };
}

const newMemory = () => `memory://${crypto.randomUUID()}`;
const message = rawMessage("{}", { id: "old" });

onMemory("what is sent again has no record of before", async (lab) => {
  const { stores } = await splitStores(lab);
  const { broker, backend } = stores;
  const added = await startingOver(
    stores,
    ["new", "old"],
    () => broker.broker.publish([rawMessage("{}", { id: "new" }), message]),
  );
  assertEquals(added, [true, true]);
  assertEquals(await backend.results.fetch(["old"]), [undefined]);
});

onMemory("what is refused keeps its record", async (lab) => {
  const { stores } = await splitStores(lab);
  const { broker, backend } = stores;
  const unique = { key: "k", until: null };
  await broker.broker.publish([rawMessage("{}", { unique })]);
  const added = await startingOver(
    stores,
    ["old"],
    () => broker.broker.publish([{ ...message, unique }]),
  );
  assertEquals(added, [false]);
  assertEquals(await backend.results.fetch(["old"]), [OLD]);
});

onMemory("what cannot be sent keeps its record", async (lab) => {
  const { stores, faults } = await splitStores(lab);
  const { broker, backend } = stores;
  const send = () => {
    faults.down("broker.publish", "inspector.find");
    return broker.broker.publish([message]);
  };
  await assertRejects(() => startingOver(stores, ["old"], send), StoreError);
  assertEquals(await backend.results.fetch(["old"]), [OLD]);
});

onMemory("what was sent, though it failed, has no old record", async (lab) => {
  const { stores, faults } = await splitStores(lab);
  const { broker, backend } = stores;
  const send = async () => {
    await broker.broker.publish([message]);
    faults.fail("broker.publish", 1);
    return await broker.broker.publish([message]);
  };
  await assertRejects(() => startingOver(stores, ["old"], send), StoreError);
  assertEquals(await backend.results.fetch(["old"]), [undefined]);
});

onMemory("what has ended meanwhile keeps its new record", async (lab) => {
  const { stores } = await splitStores(lab);
  const newer = { ...OLD, state: "SUCCESS", updatedAt: 2 };
  const send = async () => {
    await stores.backend.results.store([newer]);
    throw new StoreError("The answer was lost");
  };
  await assertRejects(() => startingOver(stores, ["old"], send), StoreError);
  assertEquals(await stores.backend.results.fetch(["old"]), [newer]);
});

onMemory("what is too long to be sent keeps its record", async (lab) => {
  const app = lab.app({
    resultBackend: newMemory(),
    taskMaxMessageSize: 2_000,
  });
  const task = app.task("task", (_: string) => 1);
  const options = { taskId: "mine" };
  const result = await task.applyAsync(["short"], options);
  const worker = await lab.worker(app);
  await result.get({ timeout: PATIENCE });
  await worker.stop();
  await assertRejects(
    () => task.applyAsync(["x".repeat(3_000)], options),
    EncodeError,
    "taskMaxMessageSize",
  );
  const { backend } = await internalsOf(app).stores.open();
  const [kept] = await backend.results.fetch(["mine"]);
  assertEquals(kept?.state, "SUCCESS");
});
