/**
 * Chromium for the tests: that of the machine, or that of Debian's packages,
 * which are installed where it is missing.
 *
 * @module
 */

import { type Browser, chromium } from "playwright-core";

const PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
];

/** One test file installs it; the others wait for that, and then have it. */
const INSTALL = `
exec 9> /tmp/lovage-chromium.lock
flock 9
test -x /usr/bin/chromium && exit 0
apt-get update -qq &&
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \\
  chromium fonts-liberation
`;

/** Where it is, or why there is none. */
export type Found =
  | { readonly path: string; readonly missing?: undefined }
  | { readonly path?: undefined; readonly missing: string };

/**
 * Finds it, or installs it. `LOVAGE_CHROMIUM` names another one, and is `none`
 * where the tests are to be skipped.
 */
export async function findChromium(): Promise<Found> {
  const named = Deno.env.get("LOVAGE_CHROMIUM");
  if (named === "none") return { missing: "LOVAGE_CHROMIUM is none" };
  if (named !== undefined) return { path: named };
  return await foundIn(PLACES) ?? await install();
}

async function foundIn(places: readonly string[]): Promise<Found | undefined> {
  for (const path of places) {
    const info = await Deno.stat(path).catch(() => null);
    if (info?.isFile === true) return { path };
  }
  return undefined;
}

async function install(): Promise<Found> {
  if (Deno.build.os !== "linux") {
    return { missing: `no Chromium; LOVAGE_CHROMIUM can name one` };
  }
  const root = Deno.uid() === 0 ? [] : ["sudo", "-n"];
  const [command = "sh", ...args] = [...root, "sh", "-c", INSTALL];
  try {
    const { success, stderr } = await new Deno.Command(command, {
      args,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).output();
    const found = success ? await foundIn(PLACES) : undefined;
    if (found !== undefined) return found;
    const said = new TextDecoder().decode(stderr).trim().split("\n").at(-1);
    return { missing: `Chromium cannot be installed: ${said}` };
  } catch (error) {
    return {
      missing: `Chromium cannot be installed: ${(error as Error).message}`,
    };
  }
}

/** Starts it. */
export function launch(path: string): Promise<Browser> {
  return chromium.launch({
    executablePath: path,
    // Root may use no sandbox, and containers have a small /dev/shm.
    args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
  });
}
