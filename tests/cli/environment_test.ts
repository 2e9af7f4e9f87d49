import { assertEquals } from "@std/assert";
import { Workplace } from "./fixtures/processes.ts";

const CODE = new URL("./fixtures/tasks.ts", import.meta.url).href;
const STEERED = new URL("./fixtures/env_tasks.ts", import.meta.url).href;

/** What a command says on stderr with these variables. */
async function notes(
  env: Readonly<Record<string, string>>,
  ...words: string[]
): Promise<string> {
  await using place = new Workplace(env);
  const { code, stderr } = await place.bare(...words);
  assertEquals(code, 0, stderr);
  return stderr;
}

Deno.test("a variable that an app does not take is named, with what helps", async () => {
  const env = { LOVAGE_WORKER_LEASE: "60s", LOVAGE_TASK_DEFAULT_QUEUE: "" };
  assertEquals(
    await notes(env, "list", "--app", CODE),
    `Warning: LOVAGE_WORKER_LEASE has no effect, since the settings of app "shop" say otherwise: call app.configFromEnv() after them in ${CODE}, or unset it\n`,
  );
  assertEquals(await notes(env, "list", "--app", CODE, "--quiet"), "");
});

Deno.test("nothing is said of variables that are in force, or that a flag overrides", async () => {
  const steering = {
    LOVAGE_BROKER_URL: "sqlite://./q.db",
    LOVAGE_WORKER_LEASE: "60s",
    LOVAGE_TASK_QUEUES: "default,billing",
    // These are for commands, not for apps.
    LOVAGE_DASHBOARD_BASIC_AUTH: "admin:secret",
    LOVAGE_GATEWAY_TOKENS: "[]",
  };
  assertEquals(await notes(steering, "list", "--app", STEERED), "");
  // An app without configFromEnv() that says the same.
  assertEquals(
    await notes({ LOVAGE_WORKER_LEASE: "1s" }, "list", "--app", CODE),
    "",
  );
  const elsewhere = { LOVAGE_BROKER_URL: "sqlite://./elsewhere.db" };
  assertEquals(
    await notes(
      elsewhere,
      ...["list", "--app", CODE, "--broker", "sqlite://./q.db"],
    ),
    "",
  );
});
