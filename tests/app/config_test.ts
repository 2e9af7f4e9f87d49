import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ConfigError, Lovage } from "@lovage/lovage";
import { maskUrl } from "../../src/printable.ts";
import { SETTING_NAMES } from "../../src/settings.ts";
import { memoryStore } from "../../adapters/memory/mod.ts";
import { FakeClock } from "../../src/testing/mod.ts";
import { untyped } from "../_helpers.ts";

const refused = (config: unknown): string =>
  assertThrows(() => new Lovage("shop", untyped(config)), ConfigError).message;

Deno.test("an unknown setting is refused with the one that was meant", () => {
  const misspelt = {
    brokerURL: "brokerUrl",
    broker_url: "brokerUrl",
    taskTimelimit: "taskTimeLimit",
    resultExpire: "resultExpires",
    taskAlwaysEagr: "taskAlwaysEager",
    workerConcurency: "workerConcurrency",
  };
  for (const [name, meant] of Object.entries(misspelt)) {
    assertEquals(
      refused({ [name]: 1 }),
      `Unknown option "${name}" of the configuration. Did you mean "${meant}"?`,
    );
  }
});

Deno.test("a setting that is like no other is refused with the list of all", () => {
  const message = refused({ zzz: 1 });
  for (const name of SETTING_NAMES) assert(message.includes(name), name);
});

Deno.test("a setting of the wrong type is refused, saying what is wanted", () => {
  const wrong: readonly (readonly [object, string])[] = [
    [{ brokerUrl: 7 }, "must be a non-empty string, but it is 7"],
    [{ brokerUrl: "" }, 'but it is ""'],
    [{ taskQueues: "a" }, 'must be an array, but it is "a"'],
    [{ taskQueues: ["a", 7] }, "item 1 must be"],
    [{ taskAlwaysEager: "yes" }, 'must be true or false, but it is "yes"'],
    [{ taskDefaultPriority: 10 }, "must be a whole number 0 to 9"],
    [{ taskTimeLimit: "soon" }, 'or a string such as "250ms"'],
    [{ taskTimeLimit: -1 }, "must be a duration"],
    [{ taskMaxMessageSize: "4XB" }, 'such as "64MB", "1GB", but it is "4XB"'],
    [{ taskDefaultRateLimit: "10/d" }, 'such as "10/s", "100/m"'],
    [{ workerPool: "threads" }, 'must be "isolate" or "async"'],
    [{ workerConcurrency: 1.5 }, "a whole number of at least 1"],
    [{ store: {} }, "a store, such as memoryStore()"],
    [{ taskPublishRetryPolicy: { maxRetry: 1 } }, 'Did you mean "maxRetries"?'],
    [{ resultExpires: Infinity }, "must be a duration"],
  ];
  for (const [config, message] of wrong) {
    const [name] = Object.keys(config);
    const said = refused(config);
    assert(said.includes(message), said);
    if (name !== "taskPublishRetryPolicy") assert(said.includes(`"${name}"`));
  }
});

Deno.test("any other value than a plain one is refused without a crash", () => {
  fc.assert(fc.property(
    fc.constantFrom(...SETTING_NAMES),
    fc.anything(),
    (name, value) => {
      try {
        new Lovage("shop", untyped({ [name]: value }));
      } catch (error) {
        assert(error instanceof ConfigError, String(error));
      }
    },
  ));
});

Deno.test("settings that contradict each other are refused", () => {
  assert(
    refused({ taskSoftTimeLimit: "30s", taskTimeLimit: 30 }).includes(
      "taskSoftTimeLimit (30000 ms) must be shorter than taskTimeLimit (30000 ms)",
    ),
  );
  assert(refused({ workerLease: "500ms" }).includes("at least one second"));
});

Deno.test("an app needs a name", () => {
  for (const name of ["", undefined, 7]) {
    assertThrows(() => new Lovage(untyped(name)), ConfigError, "needs a name");
  }
});

Deno.test("what is not given has Celery's default, or a better one", () => {
  const conf = new Lovage("shop").conf;
  assertEquals(conf["brokerUrl"], "sqlite://./lovage.db");
  assertEquals(conf["resultBackend"], conf["brokerUrl"]);
  assertEquals(conf["taskQueues"], ["default"]);
  assertEquals(conf["taskAcksLate"], true);
  assertEquals(conf["resultExpires"], 86_400_000);
  assertEquals(conf["workerPrefetchMultiplier"], null);
});

Deno.test("undefined is what was not given", () => {
  const config = Object.fromEntries(
    SETTING_NAMES.map((name) => [name, undefined]),
  );
  assertEquals(new Lovage("shop", config).conf, new Lovage("shop").conf);
});

Deno.test("configure() adds settings, as long as nothing is opened", async () => {
  await using app = new Lovage("shop", { brokerUrl: "memory://" });
  app.configure({ taskDefaultQueue: "own" });
  assertThrows(
    () => app.configure({ taskTimeLimit: "x" as "1s" }),
    ConfigError,
  );
  assertEquals(
    [app.conf["brokerUrl"], app.conf["taskDefaultQueue"]],
    ["memory://", "own"],
  );
  await app.sendTask("task");
  assertThrows(
    () => app.configure({ taskDefaultQueue: "late" }),
    ConfigError,
    'App "shop" is in use already',
  );
});

Deno.test("configFromObject() takes what bears the namespace, in any spelling", () => {
  const app = new Lovage("shop");
  app.configFromObject({
    LOVAGE_BROKER_URL: "memory://",
    lovageTaskDefaultQueue: "own",
    "lovage-result-expires": "2h",
    DATABASE_URL: "postgres://",
  }, { namespace: "LOVAGE" });
  assertEquals(app.conf["brokerUrl"], "memory://");
  assertEquals(app.conf["taskDefaultQueue"], "own");
  assertEquals(app.conf["resultExpires"], 7_200_000);
});

Deno.test("configFromObject() without a namespace takes all", () => {
  const app = new Lovage("shop");
  app.configFromObject({ broker_url: "memory://" });
  assertEquals(app.conf["brokerUrl"], "memory://");
  assertThrows(
    () => app.configFromObject({ debug: true }),
    ConfigError,
    'Unknown option "debug"',
  );
});

Deno.test("configFromEnv() reads numbers, words and lists where they fit", () => {
  const app = new Lovage("shop");
  app.configFromEnv({
    HOME: "/root",
    LOVAGE_BROKER_URL: "memory://",
    LOVAGE_RESULT_EXPIRES: "null",
    LOVAGE_TASK_ALWAYS_EAGER: "true",
    LOVAGE_TASK_DEFAULT_PRIORITY: "0",
    LOVAGE_TASK_DEFAULT_QUEUE: "7",
    LOVAGE_TASK_QUEUES: "a, b",
    LOVAGE_TASK_TIME_LIMIT: "5m",
    LOVAGE_TASK_SOFT_TIME_LIMIT: "1.5",
    LOVAGE_WORKER_POOL: undefined,
  });
  const { conf } = app;
  assertEquals(conf["brokerUrl"], "memory://");
  assertEquals(conf["resultExpires"], null);
  assertEquals(conf["taskAlwaysEager"], true);
  assertEquals(conf["taskDefaultPriority"], 0);
  assertEquals(conf["taskDefaultQueue"], "7");
  assertEquals(conf["taskQueues"], ["a", "b"]);
  assertEquals(conf["taskTimeLimit"], 300_000);
  assertEquals(conf["taskSoftTimeLimit"], 1_500);
});

Deno.test("configFromEnv() refuses a variable that is misspelt or wrong, by its name", () => {
  const app = new Lovage("shop");
  const misspelt = assertThrows(
    () => app.configFromEnv({ LOVAGE_BROKR_URL: "memory://" }),
    ConfigError,
  );
  assert(misspelt.message.includes('"LOVAGE_BROKR_URL"'), misspelt.message);
  assert(misspelt.message.includes('Did you mean "brokerUrl"?'));
  assertThrows(
    () => app.configFromEnv({ LOVAGE_WORKER_CONCURRENCY: "many" }),
    ConfigError,
    'Option "workerConcurrency" of the configuration must be',
  );
});

Deno.test("conf shows no secrets", () => {
  const { conf } = new Lovage("shop", {
    brokerUrl: "postgres://app:hunter2@db:5432/shop?sslmode=require",
    resultBackend: "redis://:hunter2@cache/0",
  });
  assertEquals(
    conf["brokerUrl"],
    "postgres://app:***@db:5432/shop?sslmode=require",
  );
  assertEquals(conf["resultBackend"], "redis://:***@cache/0");
});

Deno.test("no part of a password is shown, whatever is in it", () => {
  const secret = fc.string({ minLength: 4, maxLength: 12 })
    .map((text) => `§${text.replaceAll(/[?#\s]/g, "")}§`);
  fc.assert(fc.property(secret, (password) => {
    const masked = maskUrl(`redis://user:${password}@host:6379/0?a=b`);
    assertEquals(masked, "redis://user:***@host:6379/0?a=b");
  }));
  assertEquals(
    maskUrl("https://host/path?token=abc&x=1&password=p"),
    "https://host/path?token=***&x=1&password=***",
  );
  assertEquals(
    maskUrl("redis+sentinel://:a@one,two/name?sentinelPassword=b&prefix=c"),
    "redis+sentinel://:***@one,two/name?sentinelPassword=***&prefix=c",
  );
  assertEquals(
    maskUrl("postgres://host/app?sslkey=a&sslpassword=b&sslmode=require"),
    "postgres://host/app?sslkey=***&sslpassword=***&sslmode=require",
  );
  for (
    const plain of ["sqlite:///a/b.db", "redis://host:6379/0", "memory://"]
  ) {
    assertEquals(maskUrl(plain), plain);
  }
});

Deno.test("conf can be printed as JSON, whatever the settings are", () => {
  const { conf } = new Lovage("shop", {
    clock: new FakeClock(),
    store: memoryStore({ name: "x" }),
    taskRoutes: [[/^img\./, "img"], () => "other"],
    taskPublishRetryPolicy: { intervalMax: "2s" },
  });
  const printed = JSON.parse(JSON.stringify(conf));
  assertEquals(printed.store, "memory://x");
  assertEquals(printed.clock, "a FakeClock");
  assertEquals(Object.keys(printed), Object.keys(conf));
});
