/**
 * Chromium for the tests.
 *
 * @module
 */

import { type Browser, chromium } from "playwright-core";
import { findProgram, type Found } from "../../_programs.ts";

/**
 * Finds it, or installs it. `LOVAGE_CHROMIUM` names another one, and is `none`
 * where the tests are to be skipped.
 */
export function findChromium(): Promise<Found> {
  return findProgram({
    name: "Chromium",
    places: [
      "/usr/bin/chromium",
      "/usr/bin/chromium-browser",
      "/usr/bin/google-chrome",
      "/usr/bin/google-chrome-stable",
    ],
    packages: ["chromium", "fonts-liberation"],
    variable: "LOVAGE_CHROMIUM",
  });
}

/** Starts it. */
export function launch(path: string): Promise<Browser> {
  return chromium.launch({
    executablePath: path,
    args: [
      // Root may use no sandbox, and containers have a small /dev/shm.
      ...["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
      // There is one site: a process for each tab costs more than the tab.
      ...["--disable-site-isolation-trials", "--renderer-process-limit=1"],
    ],
  });
}
