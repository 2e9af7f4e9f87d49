/**
 * The example of a pipeline: what it is, without running it; run eagerly; and
 * run for real.
 */

import { assertEquals, assertRejects } from "@std/assert";
import { ChordError, UpstreamFailedError } from "@lovage/lovage";
import { type TestApp, testApp } from "@lovage/lovage/testing";
import { alertId, pipeline } from "../../examples/pipeline/pipeline.ts";
import { app } from "../../examples/pipeline/tasks.ts";

const ROOT = new URL("../../", import.meta.url);

/** The app on a store of its own, which also keeps what runs eagerly. */
function eagerly(): TestApp {
  app.configure({ taskStoreEagerResult: true });
  return testApp(app);
}

/** What the alert of a run says. */
async function alertOf(run: string): Promise<string> {
  return await app.AsyncResult<string>(alertId(run)).get({ timeout: "1s" });
}

Deno.test("pipeline: is parse, a group of shares, notify", () => {
  const failed = {
    task: "pipeline.alert",
    args: [],
    options: { taskId: "monday-alert" },
  };
  const share = (index: number) => ({
    task: "pipeline.score",
    args: [index, 3],
    options: {},
  });
  assertEquals(pipeline("monday", "Ada, 2, 120", "me").toJSON(), {
    chain: [
      {
        task: "pipeline.parse",
        args: ["Ada, 2, 120"],
        options: { linkError: [failed] },
      },
      { group: [share(0), share(1), share(2)] },
      {
        task: "pipeline.notify",
        args: ["me"],
        options: { linkError: [failed] },
      },
    ],
  });
});

Deno.test("pipeline: every row is scored, whatever their number", async () => {
  await using _test = eagerly();
  const table = "Ada, 2, 120\nBen, 1, 20\nCy, 2, 70\nDee, 1, 45";
  const result = await pipeline("sound", table, "me").apply();
  assertEquals(await result.get(), "mail to me: Ada 60, Dee 45, Cy 35, Ben 20");
  assertEquals(await app.AsyncResult(alertId("sound")).state(), "PENDING");
});

Deno.test("pipeline: a table that cannot be read is told", async () => {
  await using _test = eagerly();
  const result = await pipeline("unreadable", "Ada; 2", "me").apply();
  await assertRejects(() => result.get(), UpstreamFailedError);
  assertEquals(
    await alertOf("unreadable"),
    'pipeline.parse failed: SyntaxError: Line 1 is not "name, orders, spent"',
  );
});

Deno.test("pipeline: rows that cannot be scored are told once", async () => {
  await using _test = eagerly();
  const table = "Ada, 0, 0\nBen, 0, 0\nCy, 1, 1";
  const result = await pipeline("unscorable", table, "me").apply();
  await assertRejects(() => result.get(), ChordError);
  assertEquals(
    await alertOf("unscorable"),
    "pipeline.notify failed: RangeError: Ada has not ordered yet",
  );
});

Deno.test("pipeline: the example runs on a file", async () => {
  const folder = await Deno.makeTempDir({ prefix: "lovage-pipeline-" });
  try {
    const { code, stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", "examples/pipeline/main.ts"],
      cwd: ROOT,
      env: { NO_COLOR: "1", LOVAGE_BROKER_URL: `sqlite://${folder}/lovage.db` },
      stderr: "inherit",
    }).output();
    assertEquals(code, 0);
    assertEquals(new TextDecoder().decode(stdout).trim().split("\n"), [
      "sound       mail to ops@example.com: Ada 60, Dee 45, Cy 35, Ben 20",
      "unreadable  UpstreamFailedError",
      'alert       pipeline.parse failed: SyntaxError: Line 2 is not "name, orders, spent"',
      "unscorable  ChordError",
      "alert       pipeline.notify failed: RangeError: Ben has not ordered yet",
    ]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
