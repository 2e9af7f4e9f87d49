/**
 * Every question and every order, to three workers of which one stands still:
 * all answer in time but that one, which is named.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { Lovage, TaskRevokedError } from "@lovage/lovage";
import type { Replies } from "@lovage/lovage";
import type { InspectMethod } from "../../src/control/inspect.ts";
import { startWorker } from "../app/fixtures/servers.ts";
import { Workplace } from "../cli/fixtures/processes.ts";
import { until } from "../_helpers.ts";
import { onEachServer } from "./fixtures/servers.ts";

const TASKS = new URL("../cli/fixtures/env_tasks.ts", import.meta.url).href;

const QUESTIONS: readonly InspectMethod[] = [
  "ping",
  "active",
  "reserved",
  "scheduled",
  "registered",
  "stats",
  "activeQueues",
  "revoked",
  "queryTask",
  "conf",
  "report",
  "clock",
];

const AWAKE = ["a@chaos", "b@chaos"];
const FROZEN = "frozen@chaos";
const ask = { timeout: "4s" } as const;

onEachServer("a worker that stands still is named", async (server) => {
  await using app = new Lovage("steered", { brokerUrl: server.url });
  const env = { LOVAGE_BROKER_URL: server.url, LOVAGE_WORKER_LEASE: "60s" };
  const [a, b, frozen] = await Promise.all(
    [...AWAKE, FROZEN].map((name) => startWorker(TASKS, env, "-n", name)),
  );
  frozen!.kill("SIGSTOP");

  const answered = async (asked: Promise<Replies<unknown>>, what: string) => {
    const begin = performance.now();
    const answers = await asked;
    const took = performance.now() - begin;
    assertEquals(Object.keys(answers.replies), AWAKE, what);
    assertEquals([answers.missing, answers.silent], [[FROZEN], []], what);
    assertEquals(answers.errors, {}, what);
    // It waits no longer than it was told to, give or take the machine.
    assert(took < 12_000, `${what} took ${took} ms`);
  };
  await using place = new Workplace();
  const commands = (...args: string[]) =>
    place.bare(...args, "--broker", server.url, "-t", "4s");
  // Who asks waits for the frozen one as long as it was told to: so many ask
  // at once, and the command line with them.
  const inspect = app.control.inspect(ask);
  const [ping] = await Promise.all([
    commands("inspect", "ping"),
    ...QUESTIONS.map((method) =>
      answered(inspect.ask(method, { ids: ["x"] }), method)
    ),
  ]);
  assertEquals([ping.code, ping.stdout], [
    0,
    `a@chaos  pong\nb@chaos  pong\nDid not answer within 4s: ${FROZEN}\n`,
  ]);

  const { control } = app;
  const orders = {
    rateLimit: control.rateLimit("hold", "10/s", ask),
    timeLimit: control.timeLimit("hold", { hard: "1h" }, ask),
    poolGrow: control.poolGrow(1, ask),
    poolShrink: control.poolShrink(1, ask),
    poolRestart: control.poolRestart(ask),
    addConsumer: control.addConsumer("more", ask),
    cancelConsumer: control.cancelConsumer("more", ask),
    enableEvents: control.enableEvents(ask),
    disableEvents: control.disableEvents(ask),
  };
  await Promise.all(
    Object.entries(orders).map(([name, asked]) => answered(asked, name)),
  );
  const [order] = await Promise.all([
    commands("control", "pool-restart"),
    answered(control.autoscale({ max: 3, min: 1 }, ask), "autoscale"),
  ]);
  assertEquals(order.code, 1);
  assert(order.stdout.endsWith(`Did not answer within 4s: ${FROZEN}\n`));

  // What is stored asks nobody, and holds for those that run.
  await control.pause("default");
  const { id } = await app.sendTask("spin", ["never"]);
  await control.resume(["other", "default"]);
  const spinning = await Promise.any(
    [a!, b!].map((worker) => worker.line(/^spinning never$/)),
  );
  assertEquals(spinning, "spinning never");
  assertEquals(await control.terminate(id), ["running"]);
  const ended = await app.AsyncResult(id).get({
    timeout: "30s",
    propagate: false,
  }).catch((error) => error);
  assert(ended instanceof TaskRevokedError, String(ended));

  await answered(control.shutdown(ask), "shutdown");
  assertEquals((await a!.status()).code, 0);
  assertEquals((await b!.status()).code, 0);
  // Once awake it hears what it was told.
  frozen!.kill("SIGCONT");
  assertEquals((await frozen!.status()).code, 0);
});

onEachServer("a worker past its lease is named, too", async (server) => {
  await using app = new Lovage("steered", { brokerUrl: server.url });
  const env = { LOVAGE_BROKER_URL: server.url, LOVAGE_WORKER_LEASE: "2s" };
  const frozen = await startWorker(TASKS, env, "-n", FROZEN);
  frozen.kill("SIGSTOP");
  // Alone, nobody takes its place in the store.
  await until(async () => {
    const { replies, missing, silent } = await app.control.ping({
      timeout: "100ms",
    });
    assertEquals(replies, {});
    assertEquals([...missing, ...silent], [FROZEN]);
    return silent.length === 1;
  }, "the lease to lapse");
  await using place = new Workplace();
  const ping = await place.bare("inspect", "ping", "--broker", server.url);
  assertEquals([ping.code, ping.stdout], [
    1,
    `Not heard of for longer than its lease, and not waited for: ${FROZEN}\nNo worker answered: the store knows of none that is alive\n`,
  ]);
  frozen.kill("SIGCONT");
  await until(
    async () => Object.keys((await app.control.ping()).replies).length === 1,
    "its answer",
  );
  frozen.kill("SIGTERM");
  assertEquals((await frozen.status()).code, 0);
});
