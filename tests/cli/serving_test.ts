/**
 * What serves HTTP waits for its store, as a worker does: whoever starts all
 * of them at once need not know the order.
 */

import { freePort } from "../adapters/fixtures/free_port.ts";
import { assertEquals, assertMatch } from "@std/assert";
import { Workplace } from "./fixtures/processes.ts";

const TOKENS = JSON.stringify([
  { name: "storefront", token: "a-token-of-the-storefront", tasks: ["math.*"] },
]);

Deno.test("a dashboard that is started first waits for the file of its store", async () => {
  await using place = new Workplace();
  const store = ["--broker", "sqlite://./q.db"];
  const dashboard = place.launch("dashboard", ...store, "--port", "0");
  const line = await dashboard.line(/does not exist/);
  assertMatch(
    line,
    /^The store sqlite:\/\/\.\/q\.db does not exist: .*Waiting for it; stop with Ctrl-C or TERM$/,
  );
  await place.worker(...store);
  const ready = await dashboard.line(/^The dashboard of .* is at /);
  const [, url = ""] = /at (\S+)/.exec(ready) ?? [];
  const page = await fetch(url);
  assertEquals(page.status, 200);
  await page.body?.cancel();
  dashboard.kill("SIGTERM");
  assertEquals((await dashboard.status()).code, 0);
});

Deno.test("pages of a trusted origin may act, and no others", async () => {
  await using place = new Workplace();
  await place.lovage("call", "math.add", "-a", "[1, 2]");
  const dashboard = place.launch(
    ...["dashboard", "--broker", "sqlite://./q.db", "--port", "0"],
    ...["--trusted-origin", "https://ops.example.com,https://other.example"],
  );
  const ready = await dashboard.line(/^The dashboard of .* is at /);
  const [, url = ""] = /at (\S+)/.exec(ready) ?? [];
  const pauseFrom = async (origin: string) => {
    const response = await fetch(`${url}api/v1/actions/queues.pause`, {
      method: "POST",
      headers: { "content-type": "application/json", origin },
      body: JSON.stringify({ queue: "default" }),
    });
    await response.body?.cancel();
    return response.status;
  };
  assertEquals(await pauseFrom("https://ops.example.com"), 200);
  assertEquals(await pauseFrom("https://other.example"), 200);
  assertEquals(await pauseFrom("https://evil.example"), 403);
  dashboard.kill("SIGTERM");
  assertEquals((await dashboard.status()).code, 0);
});

for (const command of ["dashboard", "gateway"]) {
  Deno.test(`a ${command} says once what it waits for, and TERM ends that`, async () => {
    await using place = new Workplace({ LOVAGE_GATEWAY_TOKENS: TOKENS });
    const broker = `redis://:secret@127.0.0.1:${freePort()}`;
    const waiting = place.launch(command, "--broker", broker, "--json");
    const line = await waiting.line(/"event":"waiting"/);
    const { why } = JSON.parse(line);
    assertMatch(why, /^The Redis store .*\*\*\*.* cannot be reached/);
    waiting.kill("SIGTERM");
    assertEquals((await waiting.status()).code, 0);
    assertEquals([...waiting.stdout, ...waiting.stderr], [line]);
  });
}
