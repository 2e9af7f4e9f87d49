/**
 * What was revoked stays so, though workers and server are killed after it.
 *
 * @module
 */

import { assertEquals, assertRejects } from "@std/assert";
import { Lovage, TaskRevokedError } from "@lovage/lovage";
import { startWorker } from "../app/fixtures/servers.ts";
import { onEachServer } from "./fixtures/servers.ts";

const TASKS = new URL("../cli/fixtures/env_tasks.ts", import.meta.url).href;

onEachServer("a revocation outlives all processes", async (server) => {
  const folder = await Deno.makeTempDir();
  const env = { LOVAGE_BROKER_URL: server.url, LOVAGE_WORKER_LEASE: "2s" };
  await using app = new Lovage("steered", { brokerUrl: server.url });
  const send = (name: string, options: object = {}) =>
    app.sendTask("hold", [`${folder}/${name}`], { taskId: name, ...options });
  const first = await startWorker(TASKS, env, "-c", "1");
  await send("runs");
  await first.line(/holding .*\/runs$/);
  await send("waits");
  await send("scheduled", { countdown: "1s" });
  await send("tagged", { headers: { tenant: "acme" } });
  await app.control.revoke(["runs", "waits", "scheduled", "later"]);
  await app.control.revokeByHeaders({ tenant: "acme" });

  first.kill("SIGKILL");
  await first.status();
  await server.crash();
  await server.start();
  const patient = { retryPolicy: { maxRetries: 100, intervalStep: 0.1 } };
  await send("later", patient);
  await send("last", patient);
  await Deno.writeTextFile(`${folder}/last`, "");
  const second = await startWorker(TASKS, env, "-c", "1");
  assertEquals(
    await app.AsyncResult("last").get({ timeout: "30s" }),
    `${folder}/last`,
  );
  for (const id of ["runs", "waits", "scheduled", "tagged", "later"]) {
    await assertRejects(
      () => app.AsyncResult(id).get({ timeout: "30s" }),
      TaskRevokedError,
    );
  }
  second.kill("SIGTERM");
  assertEquals((await second.status()).code, 0);
  assertEquals(
    second.stdout.filter((line) => line.startsWith("holding")),
    [`holding ${folder}/last`],
  );
  await Deno.remove(folder, { recursive: true });
});
