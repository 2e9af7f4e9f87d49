/**
 * Whatever is sent to the API, it is answered or refused with a sentence that
 * says what was given and what was wanted; it never breaks.
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { onMemory } from "../_helpers.ts";
import { everyStore, type Place } from "../control/_stores.ts";
import { Client } from "./_client.ts";
import { searchedBriefly } from "../_properties.ts";

type Json = Record<string, unknown>;

interface Parameter {
  readonly name: string;
  readonly in: "path" | "query";
}

interface Route {
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  /** The fields of its JSON. */
  readonly fields: readonly string[];
}

const GIVEN: readonly (readonly [string, string])[] = [
  ["/api/v1/tasks?limit=abc", '"limit" must be a number, not "abc"'],
  ["/api/v1/tasks?limit=1.5", '"limit" must be a number, not "1.5"'],
  ["/api/v1/tasks?limit=0", '"limit" must be at least 1, not "0"'],
  ["/api/v1/tasks?limit=5000", '"limit" must be at most 1000, not "5000"'],
  ["/api/v1/tasks?limt=5", 'There is no "limt" here. Did you mean "limit"?'],
  ["/api/v1/tasks?zzzzz=5", "There are state, name, queue, worker, id, text"],
  ["/api/v1/queues?zzzzz=5", 'There is no "zzzzz" here. Nothing is taken here'],
  ["/api/v1/tasks?limit=1&limit=2", '"limit" is given 2 times'],
  ["/api/v1/tasks?sort=size", '"sort" must be one of "time", "name",'],
  ["/api/v1/tasks?since=soon", '"since" must be epoch milliseconds or a time'],
  ["/api/v1/tasks?state=%00", '"state" must be text without NUL characters'],
  [
    `/api/v1/tasks?queue=${"x".repeat(300)}`,
    '"queue" must have at most 255 characters, and has 300',
  ],
  [
    "/api/v1/tasks?cursor=nonsense",
    '"cursor" must be the cursor of the page before, not "nonsense"',
  ],
  ["/api/v1/dead?cursor=0.5", '"cursor" must be the cursor of the page before'],
  ["/api/v1/history?span=1", '"span" must be at least 60000, not "1"'],
  ["/api/v1/preview", '"schedule" is missing: it must be text'],
  [
    "/api/v1/stream?topics=stat",
    'There is no "stat" here. Did you mean "stats"?',
  ],
  ["/api/tasks?offset=-1", '"offset" must be at least 0, not "-1"'],
  ["/api/tasks?sort_by=size", '"sort_by" must be one of "name", "-name"'],
  [
    "/api/tasks?received_start=2026",
    'must be a time such as "2026-05-01 12:00"',
  ],
  ["/api/task/result/x?timeout=soon", '"timeout" must be a number, not "soon"'],
  [
    "/api/workers?refresh=maybe",
    '"refresh" must be true or false, not "maybe"',
  ],
];

onMemory("what is wrong is named, and what is wanted", async (lab) => {
  await using client = new Client(lab.app());
  for (const [path, sentence] of GIVEN) {
    const response = await client.ask(path);
    const text = await response.text();
    assertEquals(response.status, 400, `${path}: ${text}`);
    assertStringIncludes(JSON.parse(text).error, sentence, path);
  }
  const posts: [string, unknown, string][] = [
    ["/api/v1/actions/tasks.send", [], "must be a JSON object, not an array"],
    ["/api/v1/actions/tasks.send", { task: 5 }, '"task" must be text, not 5'],
    [
      "/api/v1/actions/tasks.send",
      { task: "a", queu: "b" },
      'There is no "queu" here. Did you mean "queue"?',
    ],
    [
      "/api/v1/actions/workers.grow",
      { worker: "w", n: 0 },
      '"n" must be at least 1, not 0',
    ],
    [
      "/api/v1/actions/dead.purge",
      { all: true, confirm: "yes" },
      '"confirm" must be "purge", not "yes"',
    ],
    ["/api/task/send-task/a", { args: 5 }, '"args" must be an array, not 5'],
    [
      "/api/task/send-task/a",
      { serializer: "pickle" },
      'There is no "serializer" here',
    ],
    ["/api/task/async-apply/nobody", {}, 'Unknown task "nobody"'],
    ["/api/worker/pool/autoscale/w", { min: 1 }, '"max" is missing'],
    ["/api/worker/shutdown/nobody", {}, "Unknown worker 'nobody'"],
    ["/api/task/rate-limit/a", { ratelimit: "often" }, '"often"'],
  ];
  for (const [path, input, sentence] of posts) {
    const [status, { error }] = await client.post(path, input);
    assert(status === 400 || status === 404, `${path}: ${status}`);
    assertStringIncludes(String(error), sentence, path);
  }
  for (
    const [method, path, allow] of [
      ["POST", "/api/v1/tasks", "GET, HEAD"],
      ["DELETE", "/api/tasks", "GET, HEAD"],
      ["GET", "/api/task/revoke/x", "POST"],
      ["GET", "/api/v1/actions/queues.pause", "POST"],
      ["PUT", "/api/v1/openapi.json", "GET, HEAD"],
    ] as const
  ) {
    const response = await client.ask(path, { method });
    assertEquals(response.status, 405, path);
    assertEquals(response.headers.get("allow"), allow);
    assertStringIncludes(await response.text(), method);
  }
});

async function routesOf(client: Client): Promise<readonly Route[]> {
  const { paths, components } = await client.json<
    {
      paths: Record<string, Record<string, Json>>;
      components: { schemas: Json };
    }
  >("/api/v1/openapi.json");
  assert(Object.keys(components.schemas).length > 20);
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => {
      const { parameters = [], requestBody } = operation as {
        parameters?: Parameter[];
        requestBody?: {
          content: Record<string, { schema: { properties?: object } }>;
        };
      };
      const { properties = {} } =
        requestBody?.content["application/json"]?.schema ?? {};
      return {
        method: method.toUpperCase(),
        path,
        parameters,
        fields: Object.keys(properties),
      };
    })
  ).filter(({ path }) => !path.endsWith("/stream"));
}

/** What nobody should send: empty, long, of a wrong kind, or hostile. */
const value = fc.oneof(
  fc.constantFrom(
    ...["", "0", "-1", "1e309", "99999999999999999999", "NaN", "null"],
    ...["\0", "%", "%00", "..", "__proto__", "constructor", "🦑", "\ud800"],
    ...["0.nonsense", "1.x", "from9999", "99.1:1"],
    ...["*", "a,b", "' or 1=1 --", "2026-13-45", "true", "[]", "{}"],
    "x".repeat(300),
    "x".repeat(2_000),
  ),
  fc.string({ unit: "binary", maxLength: 30 }),
  fc.integer().map(String),
);

const json = fc.oneof(value, fc.jsonValue({ maxDepth: 2 }), fc.double());

/** A request to one of the routes. */
function requests(routes: readonly Route[]) {
  return fc.constantFrom(...routes).chain(({ method, path, ...route }) => {
    const query = route.parameters.filter((each) => each.in === "query");
    const names = [...query.map(({ name }) => name), "stranger"];
    return fc.record({
      method: fc.constant(method),
      path: fc.constant(path),
      name: value.filter((text) => text !== "" && !/^\.\.?$/.test(text)),
      query: fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 3 }),
      body: method === "GET" ? fc.constant(undefined) : fc.oneof(
        { arbitrary: fc.string(), weight: 1 },
        {
          arbitrary: fc.dictionary(
            fc.constantFrom(...route.fields, "stranger"),
            json,
            { maxKeys: 4 },
          ).map((all) => JSON.stringify(all)),
          weight: 5,
        },
      ),
    });
  });
}

const RUNS = { memory: 600, sqlite: 200, redis: 300, postgres: 300 };
const test = everyStore();

test("whatever is sent, it does not break", async (place: Place) => {
  const app = place.app();
  app.task("add", (a: number, b: number) => a + b);
  await app.sendTask("add", [1, 2], { taskId: "a" });
  await using client = new Client(app);
  const routes = await routesOf(client);
  const kind = new URL(place.url).protocol.slice(0, -1);
  await fc.assert(
    fc.asyncProperty(
      requests(routes),
      searchedBriefly(async (request) => {
        const { method, body } = request;
        const path = request.path.replace(
          /\{\w+\}/,
          encodeURIComponent(request.name.toWellFormed()),
        );
        const query = new URLSearchParams(request.query);
        // Nobody waits a minute for what no worker does.
        if (path.includes("/task/apply/")) query.set("stranger", "1");
        if (path.includes("/task/result/")) query.delete("timeout");
        const response = await client.ask(`${path}?${query}`, {
          method,
          ...(body === undefined ? {} : { body }),
        });
        const text = await response.text();
        assert(response.status < 500, `${response.status}: ${text}`);
        if (response.status < 400 || response.status === 409) return;
        const { error } = path.startsWith("/api/")
          ? JSON.parse(text)
          : { error: text };
        assert(typeof error === "string" && error.length > 5, text);
      }),
    ),
    { numRuns: RUNS[kind as keyof typeof RUNS] ?? 200 },
  );
});
