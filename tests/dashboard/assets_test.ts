/** What the dashboard serves to browsers. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { assetPath, serveAsset } from "../../src/dashboard/assets/serve.ts";
import { ASSETS } from "../../src/dashboard/assets/generated/assets.ts";

/** What all scripts and styles together may weigh, packed. */
const BUDGET = 60_000;

/** Runs Deno in the folder of the project; it has to find no fault. */
async function finds(...args: readonly string[]): Promise<void> {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: new URL("../../", import.meta.url),
    env: { NO_COLOR: "1" },
  }).output();
  assert(code === 0, new TextDecoder().decode(stderr));
}

Deno.test("the assets are those of their sources: run deno task assets", () =>
  finds("run", "-A", "--quiet", "_tools/dashboard_assets.ts", "--check"));

// They know the names of browsers, which the rest of the code must not.
for (const command of ["check", "lint", "fmt --check"]) {
  Deno.test(`deno ${command} finds nothing in the sources for browsers`, () =>
    finds(
      ...command.split(" "),
      "--quiet",
      "--config=_tools/browser.json",
      "src/dashboard/assets/client",
    ));
}

function ask(name: string, encoding = ""): Promise<Response> {
  const request = new Request(`http://localhost/assets/${name}`, {
    headers: { "accept-encoding": encoding },
  });
  return serveAsset(name, request);
}

Deno.test("an asset is kept by browsers for ever, under a name that changes with it", async () => {
  const path = assetPath("app.css");
  assertMatch(path, /^assets\/app\.[0-9a-f]{12}\.css$/);
  const response = await ask(path.slice("assets/".length));
  assertEquals(response.status, 200);
  assertEquals(response.headers.get("content-type"), "text/css; charset=utf-8");
  assertMatch(response.headers.get("cache-control") ?? "", /immutable/);
  assertEquals(await response.text(), ASSETS["app.css"]?.body);
});

Deno.test("an asset of another version is not there, and that is not kept", async () => {
  for (const name of ["app.css", "app.000000000000.css", "..%2fapp.css"]) {
    const response = await ask(name);
    assertEquals(response.status, 404);
    assertEquals(response.headers.get("cache-control"), "no-store");
    await response.body?.cancel();
  }
});

Deno.test("all assets together are small", async () => {
  let sum = 0;
  for (const name of Object.keys(ASSETS)) {
    const path = assetPath(name as "app.css").slice("assets/".length);
    const response = await ask(path, "br, gzip");
    assertEquals(response.headers.get("content-encoding"), "gzip");
    sum += (await response.arrayBuffer()).byteLength;
  }
  assert(sum < BUDGET, `They weigh ${sum} bytes, more than ${BUDGET}`);
});

Deno.test("no asset names another host, and each license is told", () => {
  for (const { name, body } of Object.values(ASSETS)) {
    // Licenses and namespaces are no requests.
    const code = body.replace(/\/\*![^]*?\*\//, "")
      .replaceAll("http://www.w3.org/", "");
    const hosts = code.match(/(?:url\(|src=|fetch\()["']?https?:[^"')]+/g);
    assertEquals(hosts, null, name);
  }
  assertMatch(ASSETS["htmx.js"]?.body ?? "", /Zero-Clause BSD|0BSD/i);
  assertMatch(ASSETS["chart.js"]?.body ?? "", /MIT License/);
});
