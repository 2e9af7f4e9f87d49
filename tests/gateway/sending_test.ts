import { assert, assertEquals, assertRejects } from "@std/assert";
import { chain, chord, Lovage, StoreError } from "@lovage/lovage";
import { everyStore } from "../control/_stores.ts";
import { Behind } from "./_fixture.ts";

const onEveryStore = everyStore();

function define(app: Lovage) {
  return {
    add: app.task("math.add", (a: number, b: number) => a + b),
    sum: app.task(
      "math.sum",
      (all: number[]) => all.reduce((a, b) => a + b, 0),
    ),
    fail: app.task("math.fail", () => {
      throw new RangeError("no such number");
    }),
  };
}

onEveryStore(
  "tasks are sent and waited for through a gateway",
  async ({ url }) => {
    await using behind = new Behind(url);
    define(behind.app);
    const worker = await behind.app.worker({ pool: "async" });
    const { add, sum, fail } = define(behind.client());

    const result = await add.delay(1, 2);
    assertEquals(await result.get({ timeout: "20s" }), 3);
    const many = await Promise.all(
      Array.from({ length: 200 }, (_, n) => add.delay(n, n)),
    );
    const sums = await Promise.all(
      many.map((it) => it.get({ timeout: "20s" })),
    );
    assertEquals(sums, Array.from({ length: 200 }, (_, n) => 2 * n));

    const canvas = chain(
      chord([add.s(1, 1), add.s(2, 2)], sum.s()),
      add.s(100),
    );
    assertEquals(await (await canvas.delay()).get({ timeout: "20s" }), 106);
    const failed = await fail.delay();
    await assertRejects(() => failed.get({ timeout: "20s" }), RangeError);
    await worker.stop();

    const waiting = await add.applyAsync([5, 5], { taskId: "chosen" });
    const again = await add.applyAsync([5, 5], { taskId: "chosen" });
    assertEquals(waiting.id, again.id);
    await waiting.revoke();
    assertEquals(await waiting.state(), "REVOKED");
    await waiting.forget();
    assertEquals(await waiting.state(), "PENDING");
  },
);

Deno.test("what a gateway does not do is refused with where to go", async () => {
  await using behind = new Behind("memory://refusing");
  const client = behind.client();
  const error = await assertRejects(() => client.worker(), Error);
  assert(/open the store itself/.test(error.message), error.message);
});

Deno.test("a gateway that is not there, or is none, is said in a sentence", async () => {
  await using nobody = new Lovage("client", {
    brokerUrl: "http://:a-token@127.0.0.1:9",
    taskPublishRetry: false,
  });
  const away = await assertRejects(() => nobody.sendTask("any"), StoreError);
  assert(
    /gateway http:\/\/127\.0\.0\.1:9 cannot be reached/.test(away.message),
  );
  assertEquals([away.transient, away.inDoubt], [true, false]);

  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    () => new Response("<h1>Hello</h1>"),
  );
  try {
    await using other = new Lovage("client", {
      brokerUrl: `http://:a-token@127.0.0.1:${server.addr.port}`,
    });
    const none = await assertRejects(() => other.sendTask("any"), StoreError);
    assert(/is it the address of a gateway\?$/.test(none.message));
  } finally {
    await server.shutdown();
  }
});

Deno.test("a token is wanted, and not shown", async () => {
  await using app = new Lovage("client", { brokerUrl: "https://example.com" });
  const error = await assertRejects(() => app.sendTask("any"), StoreError);
  assert(/wants a token/.test(error.message), error.message);
  const config = { brokerUrl: "https://:secret@example.com" };
  await using masked = new Lovage("client", config);
  assertEquals(masked.conf.brokerUrl, "https://:***@example.com");
});
