/**
 * Who may come in, from where, and with how much.
 */

import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { ConfigError } from "@lovage/lovage";
import { dashboard } from "@lovage/lovage/dashboard";
import { type Lab, onMemory } from "../_helpers.ts";
import { Client } from "./_client.ts";

const PAGES = ["/", "/tasks", "/queues", "/workers", "/schedules", "/dead"];

function basic(user: string, password: string): HeadersInit {
  return { authorization: `Basic ${btoa(`${user}:${password}`)}` };
}

onMemory("a dashboard is told who may come in", (lab: Lab) => {
  const app = lab.app();
  assertThrows(
    () => dashboard(app, {}),
    ConfigError,
    "must know who may come in",
  );
  assertThrows(
    () => dashboard(app, { unauthenticated: true, basicAuth: { a: "b" } }),
    ConfigError,
    "give one of",
  );
  assertThrows(
    () => dashboard(app, { basicAuth: { a: "" } }),
    ConfigError,
    "none of them empty",
  );
  assertThrows(
    () => dashboard(app, { unauthenticated: true, urlPrefix: "a b" }),
    ConfigError,
    "urlPrefix",
  );
});

onMemory("nothing is shown without the right password", async (lab) => {
  await using client = new Client(lab.app(), {
    basicAuth: { admin: "s3cret", "ünï": "pä:ss" },
  });
  const wrong: HeadersInit[] = [
    {},
    basic("admin", "s3cre"),
    basic("admin", "s3crett"),
    basic("admin", ""),
    basic("", ""),
    basic("other", "s3cret"),
    { authorization: "Basic" },
    { authorization: "Basic !!!" },
    { authorization: "Bearer s3cret" },
  ];
  for (const path of [...PAGES, "/api/v1/tasks", "/metrics", "/healthcheck"]) {
    for (const headers of wrong) {
      const response = await client.ask(path, { headers });
      assertEquals(response.status, 401, path);
      assertMatch(response.headers.get("www-authenticate") ?? "", /^Basic/);
      await response.body?.cancel();
    }
  }
  const right = await client.ask("/healthcheck", {
    headers: basic("admin", "s3cret"),
  });
  assertEquals(await right.text(), "OK");
  const bytes = new TextEncoder().encode("ünï:pä:ss");
  const encoded = btoa(String.fromCharCode(...bytes));
  const other = await client.ask("/healthcheck", {
    headers: { authorization: `Basic ${encoded}` },
  });
  assertEquals(await other.text(), "OK");
});

onMemory("authorize() says who comes in, and who may act", async (lab) => {
  await using client = new Client(lab.app(), {
    authorize: (request) => {
      const who = request.headers.get("x-who");
      if (who === null) return Response.redirect("http://ops.test/login");
      return who === "nobody" ? null : { user: who, readOnly: who !== "boss" };
    },
  });
  const act = (who: string) =>
    client.ask("/api/v1/actions/queues.pause", {
      method: "POST",
      headers: { "x-who": who },
      body: '{"queue":"default"}',
    });
  assertEquals((await client.ask("/")).status, 302);
  assertEquals((await act("nobody")).status, 403);
  const refused = await act("guest");
  assertEquals(refused.status, 403);
  assertStringIncludes(await refused.text(), "read-only");
  assertEquals((await act("boss")).status, 200);
});

onMemory("read-only refuses every action", async (lab) => {
  const app = lab.app();
  await using client = new Client(app, { readOnly: true });
  const { paths } = await client.json<{ paths: Record<string, object> }>(
    "/api/v1/openapi.json",
  );
  const actions = Object.keys(paths).filter((path) =>
    path.startsWith("/api/v1/actions/")
  );
  assert(actions.length > 15);
  for (const path of actions) {
    const [status] = await client.post(path);
    assertEquals(status, 403, path);
  }
  for (const path of ["task/send-task/x", "worker/shutdown/w"]) {
    const [status] = await client.post(`/api/${path}`);
    assertEquals(status, 403, path);
  }
  assertEquals((await app.control.inspect().ping()).missing, []);
});

onMemory("what a page of another site sends is refused", async (lab) => {
  await using client = new Client(lab.app(), {
    trustedOrigins: ["https://proxy.test"],
  });
  const form = (headers: Record<string, string>, path = "/actions") =>
    client.ask(`${path}/queues.pause`, {
      method: "POST",
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        host: "ops.test",
        ...headers,
      },
      body: "queue=default",
    });
  const refused: Record<string, string>[] = [
    {},
    { origin: "https://evil.test" },
    { origin: "null" },
    { origin: "https://ops.test.evil.test" },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
    { "sec-fetch-site": "none" },
    { "sec-fetch-site": "cross-site", origin: "http://ops.test" },
  ];
  for (const headers of refused) {
    assertEquals((await form(headers)).status, 403, JSON.stringify(headers));
    if (Object.keys(headers).length === 0) continue;
    // The API is no way around it, whatever the content type.
    for (const path of ["/api/v1/actions", "/api/task/revoke"]) {
      const { status } = await form(headers, path);
      assertEquals(status, 403, path + JSON.stringify(headers));
    }
  }
  const allowed: Record<string, string>[] = [
    { "sec-fetch-site": "same-origin" },
    { origin: "http://ops.test" },
    { origin: "https://ops.test" },
    { origin: "https://proxy.test", "sec-fetch-site": "cross-site" },
  ];
  for (const headers of allowed) {
    const response = await form(headers);
    assertEquals(response.status, 303, JSON.stringify(headers));
    assertMatch(
      response.headers.get("set-cookie") ?? "",
      /HttpOnly.*SameSite=Strict/,
    );
  }
});

onMemory(
  "an action leads back to a page of the dashboard only",
  async (lab) => {
    await using client = new Client(lab.app(), { urlPrefix: "/ops" });
    const backs: [string, string][] = [
      ["/queues?x=1#y", "/ops/queues?x=1#y"],
      ["/ops/queues", "/ops/queues"],
      ["//evil.test", "/ops/"],
      ["/\\evil.test", "/ops/"],
      ["https://evil.test", "/ops/"],
      ["/x/..//evil.test", "/ops/evil.test"],
      ["javascript:alert(1)", "/ops/"],
      ["", "/ops/"],
    ];
    for (const [back, expected] of backs) {
      const response = await client.ask("/ops/actions/queues.pause", {
        method: "POST",
        headers: { "sec-fetch-site": "same-origin" },
        body: new URLSearchParams({ queue: "default", back }),
      });
      assertEquals(response.headers.get("location"), expected, back);
    }
  },
);

onMemory("too much is refused", async (lab) => {
  await using client = new Client(lab.app());
  const long = await client.ask(`/tasks?text=${"x".repeat(10_000)}`);
  assertEquals(long.status, 414);
  assertEquals((await client.ask(`/${"x".repeat(10_000)}`)).status, 414);
  const large = await client.ask("/api/v1/actions/tasks.send", {
    method: "POST",
    body: JSON.stringify({ task: "x", args: ["y".repeat(2_000_000)] }),
  });
  assertEquals(large.status, 413);
  const [status, { error }] = await client.post("/api/v1/actions/tasks.send");
  assertEquals(status, 400);
  assertStringIncludes(String(error), '"task" is missing');
});

onMemory("paths lead nowhere else", async (lab) => {
  await using client = new Client(lab.app(), { urlPrefix: "/ops" });
  for (
    const path of [
      "/ops/../etc/passwd",
      "/ops/assets/../../etc/passwd",
      "/ops/assets/%2e%2e%2fdeno.json",
      "/ops/%2e%2e/%2e%2e/deno.json",
      "/ops/api/v1/__proto__",
      "/opsx",
    ]
  ) {
    const response = await client.ask(path);
    assertEquals(response.status, 404, path);
    await response.body?.cancel();
  }
  // Whatever it is, actions are posted.
  const got = await client.ask("/ops/api/v1/actions/constructor");
  assertEquals(got.status, 405);
  await got.body?.cancel();
  const [status] = await client.act("constructor");
  assertEquals(status, 404);
});

onMemory("it answers under its own names only", async (lab) => {
  await using client = new Client(lab.app(), { hosts: ["localhost"] });
  assertEquals((await client.ask("/healthcheck")).status, 421);
  const local = new Request("http://localhost:5555/healthcheck");
  assertEquals((await client.dashboard(local)).status, 200);
});

onMemory("every answer says what a page may do", async (lab) => {
  await using client = new Client(lab.app());
  for (const path of [...PAGES, "/none", "/api/v1/queues", "/metrics"]) {
    const { headers, body } = await client.ask(path);
    await body?.cancel();
    const policy = headers.get("content-security-policy") ?? "";
    assertStringIncludes(policy, "default-src 'none'", path);
    assertStringIncludes(policy, "script-src 'self'", path);
    assert(!policy.includes("unsafe"), path);
    assertEquals(headers.get("x-content-type-options"), "nosniff");
    assertEquals(headers.get("x-frame-options"), "DENY");
    assertEquals(headers.get("cache-control"), "no-store", path);
    assertEquals(headers.get("access-control-allow-origin"), null);
  }
});

onMemory("script in names, arguments and errors is text", async (lab) => {
  const app = lab.app();
  const script = `<script>alert(1)</script><img src=x onerror=alert(2)>"'`;
  const name = `x.${script}`.slice(0, 200);
  app.task(name, (text: string) => {
    throw new TypeError(text);
  });
  await lab.worker(app, { hostname: "w@lab" });
  const { id } = await app.sendTask(name, [script]);
  await app.AsyncResult(id).get({ timeout: "10s" }).catch(() => {});
  await using client = new Client(app);
  const query = new URLSearchParams({ text: script, name });
  for (
    const path of [
      ...PAGES,
      `/tasks?${query}`,
      `/tasks/${id}`,
      `/tasks/${encodeURIComponent(script)}`,
      `/queues/${encodeURIComponent(script)}`,
      `/workers/${encodeURIComponent(script)}`,
    ]
  ) {
    const html = await (await client.ask(path)).text();
    assert(!html.includes("<script>alert"), path);
    assert(!html.includes("<img src=x"), path);
  }
});
