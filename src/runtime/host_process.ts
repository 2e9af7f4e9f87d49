/**
 * Child processes that speak with this process in frames of text, as seen by
 * the parent.
 *
 * A child leads a process group of its own: a terminal's signals do not reach
 * it, and killing the group ends what the child started as well.
 *
 * @module
 */

import { type ChildProcess, fork } from "node:child_process";
import process from "node:process";
import { exportsTelemetry, isDeno, mayReadEnvironment } from "./process.ts";
import { fileURLToPath } from "node:url";

/** How a child process ended. */
export interface ProcessExit {
  /** Its exit code, if it ended by itself. */
  readonly code: number | null;
  /** The signal that ended it. */
  readonly signal: string | null;
  /** The last that it wrote to stderr. */
  readonly stderr: string;
  /** Why it could not be started at all. */
  readonly error: string | null;
}

/** How to fork a child process. */
export interface HostProcessOptions {
  /** Its entry module. */
  readonly entry: URL;
  /** Flags of `deno run`. */
  readonly flags: readonly string[];
  /** Called with each frame that it sends. */
  readonly onFrame: (frame: string) => void;
  /** Called once when it has ended. */
  readonly onExit: (exit: ProcessExit) => void;
}

const STDERR_KEPT = 2048;
const GROUPS = process.platform !== "win32";

/** A child process. */
export class HostProcess {
  readonly #child: ChildProcess | null;
  readonly #onExit: (exit: ProcessExit) => void;
  #ended = false;
  #stderr = "";

  /** Forks a child process. A failure to do so is reported as its end. */
  constructor(options: HostProcessOptions) {
    this.#onExit = options.onExit;
    this.#child = this.#fork(options);
  }

  #fork({ entry, flags, onFrame }: HostProcessOptions): ChildProcess | null {
    try {
      const path = entry.protocol === "file:"
        ? fileURLToPath(entry)
        : entry.href;
      const child = fork(path, [], {
        execArgv: isDeno() ? ["run", ...flags] : [...flags],
        // V8's own format copies strings as they are; JSON would escape them.
        serialization: "advanced",
        stdio: ["ignore", "inherit", "pipe", "ipc"],
        detached: GROUPS,
        // Node's `fork` reads all of it, unless it is given one; what a child
        // inherits from the system it has in any case.
        env: mayReadEnvironment() ? environmentOfHost() : {},
      });
      child.on("message", (frame) => onFrame(String(frame)));
      // A frame sent to a child that has just died is one; its exit follows.
      child.on("error", (error) => {
        if (child.pid === undefined) this.#failed(error);
      });
      const stderrEnded = this.#forwardStderr(child);
      child.once("exit", (code, signal) => {
        this.#exited(child, code, signal, stderrEnded);
      });
      return child;
    } catch (error) {
      queueMicrotask(() => this.#failed(error as Error));
      return null;
    }
  }

  /** The process id; 0 if it could not be started. */
  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Whether it has ended. */
  get hasEnded(): boolean {
    return this.#ended;
  }

  /** Sends a frame. What is sent to a dead child is dropped. */
  send(frame: string): void {
    if (this.#child?.connected === true) this.#child.send(frame);
  }

  /** Ends the child and all that it started, at once. */
  kill(): void {
    if (this.#ended || this.pid === 0) return;
    if (!killGroup(this.pid)) this.#child?.kill("SIGKILL");
  }

  #failed(error: Error): void {
    if (this.#ended) return;
    this.#ended = true;
    const { message } = error;
    this.#onExit({ code: null, signal: null, stderr: "", error: message });
  }

  #exited(
    child: ChildProcess,
    code: number | null,
    signal: string | null,
    stderrEnded: Promise<void>,
  ): void {
    this.#ended = true;
    // The channel stays open otherwise.
    if (child.connected) child.disconnect();
    // The last words may still be in the pipe; something that the child
    // started may hold the pipe open for ever.
    const patience = setTimeout(() => report(), 100);
    let reported = false;
    const report = () => {
      clearTimeout(patience);
      if (reported) return;
      reported = true;
      this.#onExit({ code, signal, stderr: this.#stderr, error: null });
    };
    stderrEnded.then(report);
  }

  #forwardStderr({ stderr }: ChildProcess): Promise<void> {
    if (stderr === null) return Promise.resolve();
    stderr.setEncoding("utf8");
    stderr.on("data", (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_KEPT);
      process.stderr.write(text);
    });
    return new Promise((resolve) => {
      stderr.once("close", resolve);
      stderr.once("error", () => resolve());
    });
  }
}

/**
 * Kills a process group.
 *
 * @returns whether there was one
 */
export function killGroup(pid: number): boolean {
  if (!GROUPS) return false;
  try {
    process.kill(-pid, "SIGKILL");
    return true;
  } catch {
    return false;
  }
}

// A host that is ended by force takes with it what it has not exported; left
// to itself, Deno does so every five seconds.
function environmentOfHost(): NodeJS.ProcessEnv | undefined {
  return exportsTelemetry()
    ? { OTEL_BSP_SCHEDULE_DELAY: "1000", ...process.env }
    : undefined;
}
