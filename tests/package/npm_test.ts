/**
 * The package for npm, on Node and on Bun: producers, workers with isolates
 * and hard limits, and the command line.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  missing as noRedis,
  startRedis,
} from "../adapters/fixtures/redis_server.ts";
import {
  startPostgres,
  whyNoPostgres,
} from "../adapters/fixtures/postgres_server.ts";
import type { WorkerProcess } from "../cli/fixtures/processes.ts";
import { comesTrue } from "../_polling.ts";
import { NpmProject, type Scene, urlOf } from "./fixtures/npm_project.ts";
import { bun, canRun, node, type Program } from "./fixtures/programs.ts";

const noNpm = canRun("npm") ? undefined : "npm is not installed";
let made: Promise<NpmProject> | undefined;
const project = () => made ??= NpmProject.create();
Deno.test.afterAll(async () => await (await made)?.[Symbol.asyncDispose]());

const RUNTIMES: Readonly<Record<string, Program>> = {
  Node: await node(),
  Bun: await bun(),
};

function onEach(
  what: string,
  fn: (open: (store?: string) => Promise<Scene>) => Promise<void>,
  { because, only }: {
    readonly because?: string | undefined;
    readonly only?: string;
  } = {},
): void {
  for (const [name, { path = "", missing }] of Object.entries(RUNTIMES)) {
    if (only !== undefined && only !== name) continue;
    const reason = noNpm ?? missing ?? because;
    Deno.test({
      name: `${name}: ${what}${reason === undefined ? "" : ` (${reason})`}`,
      ignore: reason !== undefined,
      fn: () =>
        fn(async (store) => {
          const own = `sqlite://./${crypto.randomUUID()}.db`;
          return (await project()).scene(path, store ?? own);
        }),
    });
  }
}

/** What `main.mjs` prints when it works by itself. */
const OUTCOMES = [
  ...["3", "60", "TimeLimitExceeded", "TypeError", "WorkerLostError"],
  ...["RangeError", "MemoryLimitExceeded"],
];

async function runMain(scene: Scene, where: string): Promise<string[]> {
  const { code, stdout, stderr } = await scene.run("main.mjs", where);
  assertEquals(code, 0, stderr);
  return stdout.trim().split("\n");
}

onEach("producer and worker, with isolates and limits", async (open) => {
  await using scene = await open();
  assertEquals(await runMain(scene, "here"), OUTCOMES);
});

onEach("producer and worker on Redis", async (open) => {
  const server = await startRedis();
  try {
    await using scene = await open(server.url);
    assertEquals(await runMain(scene, "here"), OUTCOMES);
  } finally {
    await server.stop();
  }
}, { because: noRedis });

onEach("producer and worker on PostgreSQL", async (open) => {
  const server = await startPostgres();
  try {
    await using scene = await open(server.url());
    assertEquals(await runMain(scene, "here"), OUTCOMES);
  } finally {
    await server.dispose();
  }
}, { because: whyNoPostgres() });

onEach("producer, by a gateway of the same runtime", async (open) => {
  await using scene = await open();
  await scene.start("worker", "--pool", "async");
  const gateway = await scene.start("gateway", "--port", "0");
  const at = urlOf(gateway).replace("//", "//:sixteen-characters@");
  await using client = await open(at);
  assertEquals(await runMain(client, "there"), ["3", "60", "TypeError"]);
  assertEquals(await stopped(gateway), 0);
});

onEach("the commands", async (open) => {
  await using scene = await open();
  const worker = await scene.start(
    ...["worker", "--hostname", "here@test", "--health-port", "0", "--beat"],
  );
  const commands: [string, RegExp][] = [
    ["--help", /Usage: lovage/],
    ["call add --args [2,3] --wait 20s", /^5\n$/],
    ["call hold --args [] --task-id gone --countdown 1h", /gone/],
    ["explain gone", /hold/],
    ["revoke gone", /gone/],
    ["explain gone", /revoked/i],
    ["status", /here@test +alive/],
    ["inspect ping -t 10s", /here@test +pong|pong/],
    ["inspect report -t 10s", /(Node|Bun) \d/],
    ["control rate-limit add 10/s -t 10s", /here@test/],
    ["list", /burn +default/],
    ["schedule list", /entr/],
    ["dead list", /No dead letters/],
    ["purge --force", /0|[Nn]othing/],
    ["migrate", /sqlite/],
  ];
  for (const [line, expected] of commands) {
    const { code, stdout, stderr } = await scene.lovage(...line.split(" "));
    assertEquals(code, 0, `${line}: ${stdout}${stderr}`);
    assertMatch(stdout, expected, line);
  }
  const wrong = await scene.lovage("stauts");
  assertEquals(wrong.code, 2);
  assertMatch(wrong.stderr, /Did you mean status/);
  // It gives workers a second, which a busy machine may not keep to.
  const answers = async () => (await scene.lovage("check")).stdout;
  const alive = /1 worker is alive, and answers/;
  assert(await comesTrue(async () => alive.test(await answers()), 20_000));
  assertEquals(await stopped(worker), 0);
});

onEach("the dashboard, with its live stream", async (open) => {
  await using scene = await open();
  await scene.start("worker", "--pool", "async");
  const dashboard = await scene.start("dashboard", "--port", "0");
  const page = await fetch(`${urlOf(dashboard)}/`);
  assertMatch(await page.text(), /<html/);
  const live = await fetch(`${urlOf(dashboard)}/api/v1/stream`);
  assertEquals(live.status, 200, await textOf(live));
  const reader = live.body?.getReader();
  const { value } = await reader?.read() ?? {};
  assert(value !== undefined);
  await reader?.cancel();
  assertEquals(await stopped(dashboard), 0);
});

onEach("requests that are large, long or wrong", async (open) => {
  await using scene = await open();
  const gateway = await scene.start("gateway", "--port", "0");
  const url = urlOf(gateway);
  const headers = { authorization: "Bearer sixteen-characters" };
  const post = (path: string, body: BodyInit, signal?: AbortSignal) =>
    fetch(`${url}/v1/${path}`, {
      ...{ method: "POST", headers, body },
      ...(signal === undefined ? {} : { signal }),
    });
  const large = await post("publish", new Uint8Array(17_000_000));
  assertEquals(large.status, 413);
  await large.body?.cancel();
  const wrong = await post("fetch", "{");
  assertEquals(wrong.status, 400);
  assertMatch(await wrong.text(), /is not JSON/);
  // Who waits and goes away leaves nothing behind that keeps it alive.
  const gone = AbortSignal.timeout(300);
  const left = await post("wait", '{"ids":["x"],"ms":20000}', gone)
    .then((response) => response.text()).catch(({ name }) => name);
  assertEquals(left, "TimeoutError");
  assertEquals(await stopped(gateway), 0);
});

onEach("a port that is taken is told of", async (open) => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await using scene = await open();
  await scene.lovage("call", "add", "--args", "[1,2]");
  const { code, stderr } = await scene.lovage(
    ...["gateway", "--port", String(taken.addr.port)],
  );
  assertEquals(code, 1, stderr);
  assertMatch(stderr, /Cannot listen on 127\.0\.0\.1, port \d+: .+ in use/i);
});

onEach("TERM finishes what runs", async (open) => {
  await using scene = await open();
  const name = crypto.randomUUID();
  const worker = await scene.start("worker", "-c", "1");
  await hold(scene, worker, name);
  worker.kill("SIGTERM");
  await worker.line(/"stop":"warm"/);
  await letEnd(name);
  assertEquals((await worker.status()).code, 0);
  assertMatch((await scene.lovage("result", name)).stdout, /SUCCESS/);
});

onEach("what a killed worker ran goes to another", async (open) => {
  await using scene = await open();
  const name = crypto.randomUUID();
  const worker = await scene.start("worker", "-c", "1");
  await hold(scene, worker, name);
  worker.kill("SIGKILL");
  // Its hosts end with it.
  await worker.status();
  await letEnd(name);
  const other = await scene.start("worker", "-c", "1");
  await other.line(/succeeded/);
  const { stdout } = await scene.lovage("result", name, "--json");
  const { state, result } = JSON.parse(stdout);
  assertEquals([state, result], ["SUCCESS", name]);
  assertEquals(await stopped(other), 0);
});

onEach("permissions, which there are none of, are refused", async (open) => {
  await using scene = await open();
  await scene.start("worker", "-c", "1");
  const { code, stderr } = await scene.lovage(
    ...["call", "narrowed", "--wait", "20s"],
  );
  assertEquals(code, 1);
  assertMatch(stderr, /has no permissions that a task could be narrowed to/);
});

onEach("flags of the worker are those of its tasks", async (open) => {
  await using scene = await open();
  await scene.start(["--import", "./flag.mjs"], "worker", "-c", "1");
  const { stdout, stderr } = await scene.lovage(
    ...["call", "flagged", "--wait", "20s"],
  );
  assertEquals(stdout, "set\n", stderr);
}, { only: "Node" });

Deno.test({
  name: "Node: reads every module of the package",
  ignore: (noNpm ?? RUNTIMES["Node"]?.missing) !== undefined,
  async fn() {
    const scene = (await project()).scene(RUNTIMES["Node"]?.path ?? "");
    const { stdout, stderr } = await scene.run(
      ...["--experimental-vm-modules", "parse.mjs"],
    );
    assertEquals(stdout, "true\n", stderr);
  },
});

async function stopped(process: WorkerProcess): Promise<number> {
  process.kill("SIGTERM");
  return (await process.status()).code;
}

/** Sends a task, and waits until it runs. */
async function hold(
  scene: Scene,
  worker: WorkerProcess,
  name: string,
): Promise<void> {
  const args = ["--args", JSON.stringify([name]), "--task-id", name];
  const { code, stderr } = await scene.lovage("call", "hold", ...args);
  assertEquals(code, 0, stderr);
  await worker.line(new RegExp(`holding ${name}`));
}

async function letEnd(name: string): Promise<void> {
  await Deno.writeTextFile(`${(await project()).path}/${name}.may-end`, "");
}

async function textOf(response: Response): Promise<string> {
  return response.ok ? "" : await response.text();
}
