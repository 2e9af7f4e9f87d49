/**
 * Serves the files that browsers load. They carry a hash in their names, so
 * that a browser keeps each for ever and fetches it anew when it has changed.
 *
 * @module
 */

import type { Asset } from "./asset.ts";
import { ASSETS } from "./generated/assets.ts";

/** The files that there are, by their names in the sources. */
export type AssetName =
  | "app.css"
  | "app.js"
  | "chart.css"
  | "chart.js"
  | "htmx.js";

const byServedName: ReadonlyMap<string, Asset> = new Map(
  Object.values(ASSETS).map((asset) => [servedName(asset), asset]),
);
const packed = new Map<Asset, Promise<ArrayBuffer>>();

function servedName({ name, hash }: Asset): string {
  const dot = name.lastIndexOf(".");
  return `${name.slice(0, dot)}.${hash}${name.slice(dot)}`;
}

/** The path of a file below the dashboard: `assets/app.0a1b2c.css`. */
export function assetPath(name: AssetName): string {
  const asset = ASSETS[name];
  if (asset === undefined) throw new TypeError(`There is no asset "${name}"`);
  return `assets/${servedName(asset)}`;
}

/**
 * Answers a request for a file.
 *
 * @param name the last part of its path
 * @returns 404 for what is not there: a page of an older version may ask
 */
export async function serveAsset(
  name: string,
  request: Request,
): Promise<Response> {
  const asset = byServedName.get(name);
  if (asset === undefined) {
    return new Response("There is no such file", {
      status: 404,
      headers: { "cache-control": "no-store", "content-type": "text/plain" },
    });
  }
  const headers = new Headers({
    "content-type": asset.type,
    "cache-control": "public, max-age=31536000, immutable",
    "vary": "accept-encoding",
    "x-content-type-options": "nosniff",
  });
  const accepted = request.headers.get("accept-encoding") ?? "";
  if (!/\bgzip\b/.test(accepted)) return new Response(asset.body, { headers });
  headers.set("content-encoding", "gzip");
  return new Response(await gzip(asset), { headers });
}

/** The file, packed; each is packed once. */
function gzip(asset: Asset): Promise<ArrayBuffer> {
  let bytes = packed.get(asset);
  if (bytes === undefined) {
    const stream = new Blob([asset.body]).stream()
      .pipeThrough(new CompressionStream("gzip"));
    bytes = new Response(stream).arrayBuffer();
    packed.set(asset, bytes);
  }
  return bytes;
}
