/**
 * Tasks wait in one store, and their results in another: every mix keeps the
 * same promises. Each has a worker in a process of its own, so that whoever
 * waits for a result waits for another process.
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { Lovage, TaskRevokedError } from "@lovage/lovage";
import type { WorkerProcess } from "../cli/fixtures/processes.ts";
import { PATIENCE, until } from "../_helpers.ts";
import { Servers, serversTest, startWorker } from "./fixtures/servers.ts";

const MODULE = new URL("./fixtures/mixed_tasks.ts", import.meta.url).href;

const servers = new Servers();

type Kind = "redis" | "postgres" | "sqlite";

/** Two stores, an app that sends, and the worker. */
class Mix implements AsyncDisposable {
  readonly app: Lovage;
  readonly directory: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #workers: WorkerProcess[] = [];

  static async of(broker: Kind, backend: Kind): Promise<Mix> {
    const directory = await Deno.makeTempDir({ prefix: "lovage-mixed-" });
    return new Mix(
      directory,
      await urlOf(broker, `${directory}/broker.db`),
      await urlOf(backend, `${directory}/results.db`),
    );
  }

  private constructor(directory: string, broker: string, backend: string) {
    this.directory = directory;
    this.#env = {
      LOVAGE_BROKER_URL: broker,
      LOVAGE_RESULT_BACKEND: backend,
    };
    this.app = new Lovage("sender");
    this.app.configFromEnv(this.#env);
  }

  /** The worker that was started last. */
  get worker(): WorkerProcess {
    return this.#workers.at(-1) as WorkerProcess;
  }

  async startWorker(...args: string[]): Promise<WorkerProcess> {
    const worker = await startWorker(MODULE, this.#env, ...args);
    this.#workers.push(worker);
    return worker;
  }

  /** A path in its directory. */
  file(name: string): string {
    return `${this.directory}/${name}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.app.close();
    for (const worker of this.#workers) await worker.end();
    await Deno.remove(this.directory, { recursive: true });
  }
}

async function urlOf(kind: Kind, path: string): Promise<string> {
  if (kind === "sqlite") return `sqlite://${path}`;
  return kind === "redis"
    ? await servers.newRedis()
    : await servers.newPostgres();
}

/** What each run has left, in order. */
async function traceIn(path: string): Promise<readonly string[]> {
  const text = await Deno.readTextFile(path).catch(() => "");
  return text.split("\n").filter((line) => line !== "");
}

const soon = { timeout: PATIENCE } as const;

/** What holds on every mix. */
const SCENARIOS: Readonly<Record<string, (mix: Mix) => Promise<void>>> = {
  "a result": async ({ app }) => {
    const result = await app.sendTask("add", [1, 2]);
    assertEquals(await result.get(soon), 3);
    const { state, task, dateDone } = await result.inspect();
    assertEquals([state, task], ["SUCCESS", "add"]);
    assert(dateDone !== undefined);
    await result.forget();
    await until(async () => await result.state() === "PENDING", "it is gone");
  },

  "many results": async ({ app }) => {
    const numbers = Array.from({ length: 300 }, (_, n) => n);
    const sent = await app.sendMany(
      numbers.map((n) => app.signature<number>("add", [n, n])),
    );
    assertEquals(
      await Promise.all(sent.map((each) => each.get(soon))),
      numbers.map((n) => 2 * n),
    );
  },

  "an error": async ({ app }) => {
    const result = await app.sendTask("fails", ["too far"]);
    await assertRejects(() => result.get(soon), RangeError, "too far");
  },

  "retries": async ({ app }) => {
    const result = await app.sendTask("retried");
    assertEquals(await result.get(soon), 2);
    assertEquals((await result.inspect()).meta.retries, 2);
  },

  "a countdown": async ({ app }) => {
    const start = performance.now();
    const result = await app.sendTask("add", [1, 1], { countdown: "300ms" });
    assertEquals(await result.get(soon), 2);
    assert(performance.now() - start >= 300);
  },

  "time limits": async ({ app }) => {
    const hard = await app.sendTask("runs.away");
    const soft = await app.sendTask("heeds");
    await assertRejects(() => hard.get(soon), Error, "200 ms");
    await assertRejects(() => soft.get(soon), Error, "50 ms");
  },

  "a revoked task, in its queue": async ({ app }) => {
    const result = await app.sendTask("add", [1, 1], { countdown: "1h" });
    await result.revoke();
    await assertRejects(() => result.get(soon), TaskRevokedError);
  },

  "a revoked task, as it runs": async ({ app }) => {
    const result = await app.sendTask("lasts");
    await until(async () => await result.state() === "LASTING", "it runs");
    assertEquals(await result.info(), { since: "now" });
    await result.revoke();
    await assertRejects(() => result.get(soon), TaskRevokedError);
  },

  "links": async ({ app }) => {
    const path = await Deno.makeTempFile();
    const note = app.signature("leaveTrace", [path, 7], { taskId: "linked" });
    const onError = app.signature("add", [], { taskId: "after error" });
    const first = await app.sendTask("add", [1, 1], {
      // What it returns comes first.
      link: [app.signature("add", [40], { taskId: "sum" }), note],
    });
    const failing = await app.sendTask("fails", ["x"], { linkError: onError });
    assertEquals(await first.get(soon), 2);
    assertEquals(await app.AsyncResult("sum").get(soon), 42);
    await assertRejects(() => failing.get(soon), RangeError);
    await app.AsyncResult("after error").get(soon);
    await Deno.remove(path);
  },

  "no result, when it is ignored": async (mix) => {
    const path = mix.file("quiet");
    const result = await mix.app.sendTask("quiet", [path, 1]);
    await until(async () => (await traceIn(path)).length === 1, "it has run");
    await until(async () => await result.state() === "PENDING", "it is gone");
    assertEquals((await result.inspect()).task, undefined);
  },

  "a task that runs at most once": async (mix) => {
    const path = mix.file("once");
    const result = await mix.app.sendTask("once", [path, 5]);
    assertEquals(await result.get(soon), 5);
    assertEquals(await traceIn(path), ["5"]);
  },

  "the result of the second run of an id": async ({ app }) => {
    const send = (n: number) =>
      app.sendTask("add", [n, n], { taskId: "again" });
    assertEquals(await (await send(1)).get(soon), 2);
    assertEquals(await (await send(2)).get(soon), 4);
  },

  "a task within a task": async ({ app }) => {
    assertEquals(await (await app.sendTask("parent")).get(soon), 21);
  },

  "a worker that is stopped and one that goes on": async (mix) => {
    const path = mix.file("stopped");
    const sent = await sendTraces(mix.app, path, 400);
    await until(async () => (await traceIn(path)).length > 20, "some have run");
    mix.worker.kill("SIGTERM");
    assertEquals((await mix.worker.status()).code, 0);
    const left = (await traceIn(path)).length;
    assert(left < 400, "it was stopped too late");
    await mix.startWorker();
    await Promise.all(sent.map((each) => each.get(soon)));
    assertEquals(new Set(await traceIn(path)).size, 400);
    // Stopped warmly, it has finished what it began.
    assertEquals((await traceIn(path)).length, 400);
  },
};

function sendTraces(app: Lovage, path: string, count: number) {
  return app.sendMany(
    Array.from(
      { length: count },
      (_, n) => app.signature<number>("leaveTrace", [path, n]),
    ),
  );
}

const MIXES: readonly [broker: Kind, backend: Kind][] = [
  ["redis", "postgres"],
  ["postgres", "redis"],
  ["sqlite", "redis"],
  ["sqlite", "postgres"],
  ["redis", "sqlite"],
  ["postgres", "sqlite"],
];

for (const [broker, backend] of MIXES) {
  serversTest(
    `tasks in ${broker}, results in ${backend}`,
    async (t) => {
      await using mix = await Mix.of(broker, backend);
      await mix.startWorker();
      for (const [name, scenario] of Object.entries(SCENARIOS)) {
        // What is opened in one serves the next, and is closed at the end.
        const sanitizers = { sanitizeOps: false, sanitizeResources: false };
        const fn = () => scenario(mix);
        assert(await t.step({ name, fn, ...sanitizers }), name);
      }
    },
  );

  serversTest(
    `tasks in ${broker}, results in ${backend}: a killed worker loses none`,
    async () => {
      await using mix = await Mix.of(broker, backend);
      const path = mix.file("killed");
      const sent = await sendTraces(mix.app, path, 600);
      for (const goal of [100, 200, 300]) {
        const worker = await mix.startWorker();
        await until(
          async () => (await traceIn(path)).length > goal,
          `${goal} have run`,
        );
        worker.kill("SIGKILL");
        await worker.status();
      }
      await mix.startWorker();
      const values = await Promise.all(
        sent.map((each) => each.get({ timeout: "30s" })),
      );
      assertEquals(values, sent.map((_, n) => n));
      const runs = await traceIn(path);
      assertEquals(new Set(runs).size, 600);
      let repeated = 0;
      for (const [n, each] of sent.entries()) {
        const { losses = 0 } = (await each.inspect()).meta;
        const times = runs.filter((run) => run === String(n)).length;
        assert(times - 1 <= losses, `${n}: ${times} runs, ${losses} losses`);
        if (times > 1) repeated++;
      }
      assert(repeated < 300, `${repeated} ran more than once`);
    },
  );
}
