/**
 * The dashboard in servers of users: alone under a prefix, in Hono by `mount`
 * and by a route, by the handler that Fresh calls, and behind a login of their
 * own. Whatever the way, pages, files, forms, the stream and the API work.
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Hono } from "hono";
import { basicAuth } from "hono/basic-auth";
import type { Lovage } from "@lovage/lovage";
import {
  type Dashboard,
  dashboard,
  type DashboardOptions,
} from "@lovage/lovage/dashboard";
import { type Lab, onMemory } from "../_helpers.ts";

/** What a server of a user answers with. */
type Handler = (request: Request) => Response | Promise<Response>;

interface Way {
  /** Where browsers see it. */
  readonly prefix: string;
  readonly options?: DashboardOptions;
  /** What a browser sends with every request. */
  readonly headers?: Record<string, string>;
  /** The user's server. */
  serve(ops: Dashboard): Handler;
}

/** Fresh's handlers are given a context; its `req` is the request. */
interface FreshContext {
  readonly req: Request;
}

const hello = () => new Response("hello");

const WAYS: Readonly<Record<string, Way>> = {
  "Deno.serve, alone": { prefix: "", serve: (ops) => ops },
  "Deno.serve, under a prefix": {
    prefix: "/ops",
    serve: (ops) => (request) =>
      new URL(request.url).pathname.startsWith("/ops") ? ops(request) : hello(),
  },
  "Hono, app.mount": {
    prefix: "/deep/ops",
    serve: (ops) => {
      const app = new Hono();
      app.get("/hello", hello);
      app.mount("/deep/ops", ops);
      return (request) => app.fetch(request);
    },
  },
  "Hono, app.all": {
    prefix: "/admin",
    serve: (ops) => {
      const app = new Hono();
      app.get("/hello", hello);
      app.all("/admin/*", (c) => ops(c.req.raw));
      return (request) => app.fetch(request);
    },
  },
  "a handler as Fresh calls it": {
    prefix: "/ops",
    serve: (ops) => {
      const handler = (ctx: FreshContext) => ops(ctx.req);
      return (request) =>
        new URL(request.url).pathname === "/hello"
          ? hello()
          : handler({ req: request });
    },
  },
  "behind a password that Hono asks for": {
    prefix: "/ops",
    headers: { authorization: `Basic ${btoa("admin:s3cret")}` },
    serve: (ops) => {
      const app = new Hono();
      app.get("/hello", hello);
      app.use("/ops/*", basicAuth({ username: "admin", password: "s3cret" }));
      app.mount("/ops", ops);
      return (request) => app.fetch(request);
    },
  },
  "behind a session of the user's own": {
    prefix: "/ops",
    headers: { cookie: "session=42" },
    options: {
      authorize: (request) =>
        request.headers.get("cookie")?.includes("session=42")
          ? { user: "ada" }
          : Response.redirect(new URL("/hello", request.url)),
    },
    serve: (ops) => (request) =>
      new URL(request.url).pathname.startsWith("/ops") ? ops(request) : hello(),
  },
};

/** A browser, as far as it matters here. */
class Browser implements AsyncDisposable {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #ops: Dashboard;
  readonly #headers: Record<string, string>;
  /** Where the server is. */
  readonly origin: string;

  constructor(app: Lovage, { prefix, options, headers = {}, serve }: Way) {
    this.#ops = dashboard(app, {
      ...options ?? { unauthenticated: true },
      urlPrefix: prefix,
    });
    this.#server = Deno.serve({
      port: 0,
      hostname: "127.0.0.1",
      onListen: () => {},
    }, serve(this.#ops));
    this.#headers = headers;
    this.origin = `http://127.0.0.1:${this.#server.addr.port}`;
  }

  go(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(this.origin + path, {
      redirect: "manual",
      ...init,
      headers: { ...this.#headers, ...init.headers as object },
    });
  }

  async text(path: string, init?: RequestInit): Promise<string> {
    const response = await this.go(path, init);
    const text = await response.text();
    assertEquals(response.status, 200, `${path}: ${text}`);
    return text;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#ops.close();
    await this.#server.shutdown();
  }
}

for (const [name, way] of Object.entries(WAYS)) {
  onMemory(`it works in a server of one's own: ${name}`, async (lab: Lab) => {
    const app = lab.app();
    app.task("add", (a: number, b: number) => a + b);
    await app.sendTask("add", [1, 2], { taskId: "a" });
    await using browser = new Browser(app, way);
    await looksAtPages(browser, way);
    await acts(browser, way);
    await listens(browser, way);
    await asksTheApi(browser, way);
    if (way.prefix !== "") {
      assertEquals(await browser.text("/hello"), "hello");
    }
  });
}

async function looksAtPages(browser: Browser, { prefix }: Way): Promise<void> {
  const links = new Set<string>();
  for (const page of ["", "/", "/tasks", "/tasks/a", "/queues", "/workers"]) {
    if (prefix + page === "") continue;
    const html = await browser.text(prefix + page, {
      headers: { accept: "text/html" },
    });
    for (
      const [, link = ""] of html.matchAll(/(?:href|src|action)="([^"]+)"/g)
    ) {
      if (!link.startsWith("#")) links.add(link.replaceAll("&amp;", "&"));
    }
  }
  const files = [...links].filter((link) => link.includes("/assets/"));
  assert(files.length >= 2, [...links].join(" "));
  for (const link of links) {
    assert(/^(data:|\?)/.test(link) || link.startsWith(`${prefix}/`), link);
  }
  for (const file of files) {
    const { status, headers, body } = await browser.go(file);
    await body?.cancel();
    assertEquals(status, 200, file);
    assertStringIncludes(headers.get("cache-control") ?? "", "immutable");
  }
}

async function acts(browser: Browser, { prefix }: Way): Promise<void> {
  const send = (headers: Record<string, string>) =>
    browser.go(`${prefix}/actions/queues.pause`, {
      method: "POST",
      headers,
      body: new URLSearchParams({ queue: "default", back: `${prefix}/queues` }),
    });
  for (const origin of ["http://evil.test", "null"]) {
    const { status, body } = await send({ origin });
    await body?.cancel();
    assertEquals(status, 403, origin);
  }
  const done = await send({ origin: browser.origin });
  await done.body?.cancel();
  assertEquals(done.status, 303);
  const location = done.headers.get("location") ?? "";
  assertEquals(location, `${prefix}/queues`);
  const notice = done.headers.get("set-cookie") ?? "";
  assertStringIncludes(notice, `Path=${prefix || "/"};`);
  const cookie = notice.split(";")[0] ?? "";
  const html = await browser.text(location, {
    headers: { cookie: `session=42; ${cookie}` },
  });
  assertStringIncludes(html, "Queue default is paused");
}

async function listens(browser: Browser, { prefix }: Way): Promise<void> {
  const { status, headers, body } = await browser.go(
    `${prefix}/api/v1/stream?topics=queues`,
  );
  assertEquals([status, headers.get("content-type")], [
    200,
    "text/event-stream",
  ]);
  let text = "";
  for await (const part of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += part;
    if (/event: queues\ndata: .*"paused":true/.test(text)) break;
  }
  assertStringIncludes(text, "event: queues");
}

async function asksTheApi(browser: Browser, { prefix }: Way): Promise<void> {
  const json = async (path: string, init?: RequestInit) =>
    JSON.parse(await browser.text(prefix + path, init));
  const { servers } = await json("/api/v1/openapi.json");
  assertEquals(servers, [{ url: prefix || "/" }]);
  assertEquals((await json("/api/v1/tasks/a")).name, "add");
  assertEquals(await json("/api/workers"), {});
  // A program says nothing of where it comes from.
  const resumed = await json("/api/v1/actions/queues.resume", {
    method: "POST",
    body: '{"queue":"default"}',
  });
  assertEquals(resumed.ok, true);
  const wrong = await browser.go(`${prefix}/api/v1/tasks?limit=x`);
  assertEquals(wrong.status, 400);
  assertStringIncludes((await wrong.json()).error, '"limit"');
  const none = await browser.go(`${prefix}/api/v1/none`);
  assertEquals(none.status, 404);
  assert("error" in await none.json());
}

onMemory("who has not signed in comes no further", async (lab: Lab) => {
  const app = lab.app();
  for (
    const [name, wanted] of [
      ["behind a password that Hono asks for", 401],
      ["behind a session of the user's own", 302],
    ] as const
  ) {
    const way = WAYS[name] as Way;
    await using browser = new Browser(app, { ...way, headers: {} });
    for (const path of ["/", "/api/v1/queues", "/api/v1/stream", "/metrics"]) {
      const { status, body } = await browser.go(way.prefix + path);
      await body?.cancel();
      assertEquals(status, wanted, name + path);
    }
  }
});
