/**
 * The parent of this process, as seen by a forked child: the other side of
 * `host_process.ts`.
 *
 * @module
 */

import process from "node:process";
import { killGroup } from "./host_process.ts";

const IGNORED_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const;

const PARENT_CHECK_MS = 250;

/** The line to the parent process. */
export class ParentProcess {
  /**
   * Listens to the parent.
   *
   * @param onFrame called with each frame that it sends
   */
  constructor(onFrame: (frame: string) => void) {
    process.on("message", (frame: unknown) => onFrame(String(frame)));
    // A child never outlives its parent, whatever it is doing.
    process.on("disconnect", die);
    process.on("error", die);
    if (!process.connected) die();
    // Deno does not tell of a parent that was killed before it had read all
    // that was sent to it; whoever is left without a parent has another.
    const parent = process.ppid;
    setInterval(() => {
      if (process.ppid !== parent) die();
    }, PARENT_CHECK_MS).unref();
  }

  /** Sends a frame; calls back when it is written. */
  send(frame: string, written: () => void): void {
    process.send?.(frame, undefined, undefined, written);
  }
}

/** Leaves it to the parent to end this process, whoever else asks for it. */
export function ignoreSignals(): void {
  for (const signal of IGNORED_SIGNALS) {
    if (process.platform !== "win32" || signal === "SIGINT") {
      process.on(signal, () => {});
    }
  }
}

/** Ends this process in peace: what it exports is exported first. */
export function leave(): void {
  process.exit(0);
}

/** Ends this process and all that it started, at once. */
function die(): void {
  // Without the permission to send signals, what the tasks started stays.
  if (!killGroup(process.pid)) process.exit(1);
}
