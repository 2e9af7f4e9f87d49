/**
 * Writes what the dashboard serves to browsers, as strings in a module, so that
 * a user needs no build step and the dashboard reads no file.
 *
 * `deno task assets` writes it; `deno task assets --check` only compares.
 *
 * @module
 */

import * as esbuild from "esbuild";
import htmx from "htmx.org/dist/htmx.min.js" with { type: "text" };
import htmxLicense from "htmx.org/LICENSE" with { type: "text" };
import htmxPackage from "htmx.org/package.json" with { type: "json" };
import uplot from "uplot/dist/uPlot.esm.js" with { type: "text" };
import uplotCss from "uplot/dist/uPlot.min.css" with { type: "text" };
import uplotLicense from "uplot/LICENSE" with { type: "text" };
import uplotPackage from "uplot/package.json" with { type: "json" };

const ROOM = new URL("../src/dashboard/assets/", import.meta.url);
const OUT = new URL("generated/assets.ts", ROOM);
const SCRIPT = "text/javascript; charset=utf-8";
const STYLE = "text/css; charset=utf-8";

/** A file as browsers get it. */
interface Built {
  readonly name: string;
  readonly type: string;
  readonly body: string;
}

/** Modules of npm packages, by the name that our own sources import. */
const VENDORED: Readonly<
  Record<string, { text: string; loader: "js" | "css" }>
> = {
  "uplot": { text: uplot, loader: "js" },
  "uplot.css": { text: uplotCss, loader: "css" },
};

const fromPackages: esbuild.Plugin = {
  name: "packages",
  setup(build) {
    build.onResolve({ filter: /^uplot(\.css)?$/ }, ({ path }) => ({
      path,
      namespace: "package",
    }));
    build.onLoad({ filter: /.*/, namespace: "package" }, ({ path }) => {
      const module = VENDORED[path];
      return module && { contents: module.text, loader: module.loader };
    });
  },
};

async function bundle(entry: string, banner = ""): Promise<string> {
  const { outputFiles } = await esbuild.build({
    entryPoints: [new URL(entry, ROOM).pathname],
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: "es2022",
    charset: "utf8",
    legalComments: "none",
    banner: entry.endsWith(".css") ? { css: banner } : { js: banner },
    plugins: [fromPackages],
    logLevel: "error",
  });
  return outputFiles[0]?.text.trimEnd() ?? "";
}

/** The license of a package as a comment at the head of a file. */
function notice(
  { name, version }: { readonly name: string; readonly version: string },
  license: string,
): string {
  return `/*! ${name} ${version}\n${license.trim()}\n*/`;
}

async function build(): Promise<readonly Built[]> {
  try {
    const uplotNotice = notice(uplotPackage, uplotLicense);
    return [
      {
        name: "app.css",
        type: STYLE,
        body: await bundle("styles/app.css"),
      },
      { name: "app.js", type: SCRIPT, body: await bundle("client/app.ts") },
      {
        name: "chart.css",
        type: STYLE,
        body: await bundle("styles/chart.css", uplotNotice),
      },
      {
        name: "chart.js",
        type: SCRIPT,
        body: await bundle("client/chart.ts", uplotNotice),
      },
      {
        name: "htmx.js",
        type: SCRIPT,
        body: `${notice(htmxPackage, htmxLicense)}\n${
          htmx.replace(/\n?\/\/# sourceMappingURL=.*\s*$/, "")
        }`,
      },
    ];
  } finally {
    await esbuild.stop();
  }
}

/** The first characters of a hash: enough to tell versions of a file apart. */
async function hashOf(body: string): Promise<string> {
  const bytes = new TextEncoder().encode(body);
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return new Uint8Array(digest).slice(0, 6).toHex();
}

/** The text of the module. */
async function generate(): Promise<string> {
  const entries: string[] = [];
  for (const { name, type, body } of await build()) {
    const fields = { name, type, hash: await hashOf(body), body };
    entries.push(`  ${JSON.stringify(name)}: ${JSON.stringify(fields)},`);
  }
  return `/**
 * What the dashboard serves to browsers. Written by \`deno task assets\` from
 * the sources beside it and from npm packages; do not edit.
 *
 * @module
 */

import type { Asset } from "../asset.ts";

/** The files by their names. */
export const ASSETS: Readonly<Record<string, Asset>> = {
${entries.join("\n")}
};
`;
}

if (import.meta.main) {
  const text = await generate();
  if (!Deno.args.includes("--check")) {
    await Deno.writeTextFile(OUT, text);
  } else if (text !== await Deno.readTextFile(OUT)) {
    console.error("The dashboard's assets are old; run: deno task assets");
    Deno.exit(1);
  }
}
