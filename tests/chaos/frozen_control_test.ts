/**
 * Every question and every order, to three workers of which one stands still:
 * all answer in time but that one, which is named. What there is to ask and to
 * order is read from the code, so that nothing new is left out.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { Command } from "commander";
import { Lovage, TaskRevokedError } from "@lovage/lovage";
import type { Control, Replies } from "@lovage/lovage";
import { Cli } from "../../src/cli/cli.ts";
import { COMMANDS } from "../../src/cli/commands.ts";
import type { AskOptions } from "../../src/control/remote.ts";
import type { InspectMethod } from "../../src/control/inspect.ts";
import { inspecting } from "../../src/worker/remote/inspecting.ts";
import type { Steered } from "../../src/worker/remote/steered.ts";
import { steering } from "../../src/worker/remote/steering.ts";
import { startWorker } from "../app/fixtures/servers.ts";
import { runAll } from "../cli/fixtures/many_commands.ts";
import { Workplace } from "../cli/fixtures/processes.ts";
import { until } from "../_helpers.ts";
import { onEachServer } from "./fixtures/servers.ts";

const TASKS = new URL("../cli/fixtures/env_tasks.ts", import.meta.url).href;

const AWAKE = ["a@chaos", "b@chaos"];
const FROZEN = "frozen@chaos";
const ask = { timeout: "4s" } as const;

const nobody = {} as Steered;
/** The questions that workers answer. */
const QUESTIONS = Object.keys(inspecting(nobody)) as readonly InspectMethod[];

type Give = (control: Control, to: AskOptions) => Promise<Replies<unknown>>;

/** The orders by API; each that workers obey is here. */
const ORDERS: Readonly<Record<string, Give>> = {
  rateLimit: (control, to) => control.rateLimit("hold", "10/s", to),
  timeLimit: (control, to) => control.timeLimit("hold", { hard: "1h" }, to),
  poolGrow: (control, to) => control.poolGrow(1, to),
  poolShrink: (control, to) => control.poolShrink(1, to),
  poolRestart: (control, to) => control.poolRestart(to),
  addConsumer: (control, to) => control.addConsumer("more", to),
  cancelConsumer: (control, to) => control.cancelConsumer("more", to),
  enableEvents: (control, to) => control.enableEvents(to),
  disableEvents: (control, to) => control.disableEvents(to),
  heartbeat: (control, to) => control.heartbeat(to),
  autoscale: (control, to) => control.autoscale({ max: 3, min: 1 }, to),
  shutdown: (control, to) => control.shutdown(to),
};

/** What commands take; the others take nothing. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  "query-task": ["x"],
  "rate-limit": ["hold", "10/s"],
  "time-limit": ["hold", "--hard", "1h"],
  "add-consumer": ["more"],
  "cancel-consumer": ["more"],
  autoscale: ["3", "1"],
  pause: ["other"],
  resume: ["other"],
  revoke: ["x"],
};
/** Commands that ask nobody: what they say is stored. */
const STORED = ["pause", "resume", "revoke"];
/** After these, others are refused. */
const LAST = ["autoscale", "shutdown"];

/** The commands of a group, as the command line has them. */
async function commandsOf(group: "inspect" | "control"): Promise<string[]> {
  const command = new Command(group);
  (await COMMANDS[group]!.load()).define(command, new Cli(() => ({} as never)));
  return command.commands.map((each) => each.name());
}

/** Runs commands beside each other, and looks what each says. */
async function runCommands(
  url: string,
  commands: readonly (readonly [group: string, name: string])[],
  options: readonly string[] = [],
  awake: readonly string[] = AWAKE,
): Promise<void> {
  const ended = await runAll(commands.map(([group, name]) => [
    ...[group, "--broker", url, "-t", "4s", ...options],
    ...[name, ...WORDS[name] ?? []],
  ]));
  for (const [index, { code, took, stdout, stderr }] of ended.entries()) {
    const [group, name = ""] = commands[index]!;
    const what = `${group} ${name}: ${stdout}${stderr}`;
    // It waits no longer than it was told to, give or take the machine.
    assert(took < 12_000, `${what} took ${took} ms`);
    if (STORED.includes(name)) {
      // Of a task that there is not, nothing is revoked.
      assertEquals(code, 0, what);
      continue;
    }
    assertEquals(code, group === "inspect" ? 0 : 1, what);
    for (const each of awake) assert(stdout.includes(each), what);
    const late = `Did not answer within 4s: ${FROZEN}\n`;
    assert(stdout.endsWith(late), what);
  }
}

Deno.test("each order that workers obey is given here", () => {
  assertEquals(
    Object.keys(ORDERS).toSorted(),
    Object.keys(steering(nobody)).toSorted(),
  );
});

onEachServer("a worker that stands still is named", async (server) => {
  await using app = new Lovage("steered", { brokerUrl: server.url });
  const env = { LOVAGE_BROKER_URL: server.url, LOVAGE_WORKER_LEASE: "60s" };
  const [a, b, frozen] = await Promise.all(
    [...AWAKE, FROZEN].map((name) => startWorker(TASKS, env, "-n", name)),
  );
  frozen!.kill("SIGSTOP");

  const answered = async (
    asked: Promise<Replies<unknown>>,
    what: string,
    awake: readonly string[] = AWAKE,
  ) => {
    const begin = performance.now();
    const answers = await asked;
    const took = performance.now() - begin;
    assertEquals(Object.keys(answers.replies), awake, what);
    assertEquals([answers.missing, answers.silent], [[FROZEN], []], what);
    assertEquals(answers.errors, {}, what);
    assert(took < 12_000, `${what} took ${took} ms`);
  };
  const { control } = app;
  const inspect = control.inspect(ask);
  const give = (name: string, to: AskOptions = ask) =>
    ORDERS[name]!(control, to);
  const questions = await commandsOf("inspect");
  const orders = await commandsOf("control");
  assert(questions.length >= QUESTIONS.length, questions.join());
  // Who asks waits for the frozen one as long as it was told to: so many ask
  // at once, and the command line with them.
  await Promise.all([
    ...QUESTIONS.map((method) =>
      answered(inspect.ask(method, { ids: ["x"] }), method)
    ),
    runCommands(
      server.url,
      questions.map((name) => ["inspect", name] as const),
    ),
  ]);
  await Promise.all([
    ...Object.keys(ORDERS).filter((name) => !LAST.includes(name))
      .map((name) => answered(give(name), name)),
    runCommands(
      server.url,
      orders.filter((name) => !LAST.includes(name))
        .map((name) => ["control", name] as const),
    ),
  ]);
  await Promise.all([
    answered(give("autoscale"), "autoscale"),
    runCommands(server.url, [["control", "autoscale"]]),
  ]);

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

  // Each of the two that are awake is told once.
  await Promise.all([
    answered(
      give("shutdown", { ...ask, destination: ["a@chaos", FROZEN] }),
      "shutdown",
      ["a@chaos"],
    ),
    runCommands(server.url, [["control", "shutdown"]], [
      "-d",
      `b@chaos,${FROZEN}`,
    ], ["b@chaos"]),
  ]);
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
