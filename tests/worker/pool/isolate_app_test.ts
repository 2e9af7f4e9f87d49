import { assertEquals, assertStringIncludes } from "@std/assert";
import { encodeEnvelope } from "../../../src/message/envelope.ts";
import type { Job } from "../../../src/worker/pool/pool.ts";
import { siblingModule } from "../../../src/worker/pool/sibling.ts";
import { errorOf, jobOf, startIsolates, valueOf } from "./fixtures/pools.ts";

/** A job as the worker makes it. */
function appJob(task: string, more: Partial<Job> = {}): Job {
  const id = crypto.randomUUID();
  const body = encodeEnvelope({
    v: 1,
    id,
    task,
    args: [],
    retries: 0,
    sentAt: Date.now(),
    rootId: id,
    queue: "default",
    priority: 5,
  });
  return { ...jobOf(task), id, body, ...more };
}

Deno.test("IsolatePool runs the tasks of an app", async () => {
  await using test = await startIsolates({
    module: new URL("./fixtures/app.ts", import.meta.url).href,
    runnerModule: siblingModule("../task_runner").href,
  });
  const walls = { permissions: '"none"', memoryLimit: null };
  const [good, bad, unknown, confined] = await test.run(
    appJob("noop"),
    appJob("fail"),
    appJob("nobody.knows"),
    appJob("noop", { walls }),
  );
  assertEquals(valueOf(good!), null);
  assertEquals(errorOf(bad!).name, "TypeError");
  assertStringIncludes(errorOf(unknown!).message, "nobody.knows");
  assertEquals(valueOf(confined!), null);
});
