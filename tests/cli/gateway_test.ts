import { assert, assertEquals, assertMatch } from "@std/assert";
import { Workplace } from "./fixtures/processes.ts";

const TOKENS = JSON.stringify([
  { name: "storefront", token: "a-token-of-the-storefront", tasks: ["math.*"] },
]);

Deno.test("lovage gateway serves the store, to those with a token", async () => {
  await using place = new Workplace({ LOVAGE_GATEWAY_TOKENS: TOKENS });
  await place.worker();
  const gateway = place.launch("gateway", "-A", APP, "--port", "0");
  const ready = await gateway.line(/^The gateway of shop is at /);
  assertMatch(ready, /\(tokens: storefront\); stop it with Ctrl-C or TERM$/);
  const [, url = ""] = /at (\S+)/.exec(ready) ?? [];
  const store = url.replace("://", "://:a-token-of-the-storefront@")
    .replace(/\/$/, "");
  const call = (...args: string[]) => place.bare("call", ...args, "-b", store);
  const sum = await call("math.add", "-a", "[1, 2]", "--wait");
  assertEquals([sum.stdout, sum.code], ["3\n", 0], sum.stderr);
  const other = await call("hold", "-a", '["one"]');
  assertMatch(other.stderr, /"storefront" is not for task "hold"/);
  assert(other.code !== 0);
  gateway.kill("SIGTERM");
  assertEquals((await gateway.status()).code, 0);
});

Deno.test("a gateway without tokens, or with bad ones, does not start", async () => {
  await using place = new Workplace();
  const without = await place.bare("gateway", "-A", APP);
  assertEquals(without.code, 2);
  assertMatch(without.stderr, /needs tokens: give --tokens tokens\.json/);
  await Deno.writeTextFile(place.file("t.json"), '[{"name":"a","token":"b"}]');
  const short = await place.bare("gateway", "-A", APP, "--tokens", "t.json");
  assertMatch(short.stderr, /"a" must have at least 16 characters/);
  const none = await place.bare("gateway", "-A", APP, "--tokens", "no.json");
  assertMatch(none.stderr, /--tokens no\.json cannot be read/);
});

const APP = new URL("./fixtures/tasks.ts", import.meta.url).href;
