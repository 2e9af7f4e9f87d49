/**
 * The processes of contestants, and what they say: one JSON object per line.
 *
 * @module
 */

import type { Launch } from "./contestants/contestant.ts";
import { processTree } from "./cost.ts";

/** What a process said. */
export type Line = Readonly<Record<string, unknown>>;

const running = new Set<Driver>();

/** Ends all that run, by force. */
export async function endAll(): Promise<void> {
  for (const driver of running) await driver[Symbol.asyncDispose]();
}

/** A running process of a contestant. */
export class Driver implements AsyncDisposable {
  /** Its process id. */
  readonly pid: number;
  /** Settled when it has ended and all that it said was heard. */
  readonly ended: Promise<void>;
  readonly #child: Deno.ChildProcess;
  readonly #errors: string[] = [];
  #killed = false;

  /** Starts it; `hear` gets every line that it says. */
  constructor(
    private readonly launch: Launch,
    hear: (line: Line) => void,
  ) {
    const { program, args, cwd, env } = launch;
    this.#child = new Deno.Command(program, {
      args: [...args],
      ...(cwd === undefined ? {} : { cwd }),
      env: { ...env, NO_COLOR: "1" },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.pid = this.#child.pid;
    running.add(this);
    this.ended = this.#run(hear).finally(() => running.delete(this));
    // Whoever waits for it hears of its failure.
    this.ended.catch(() => {});
  }

  /** Ends it and what it has started, by force: nothing of it is needed. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#killed = true;
    for (const pid of processTree(this.pid).toReversed()) {
      try {
        Deno.kill(pid, "SIGKILL");
      } catch {
        // It has ended by itself.
      }
    }
    await this.ended.catch(() => {});
  }

  async #run(hear: (line: Line) => void): Promise<void> {
    const [status] = await Promise.all([
      this.#child.status,
      eachLine(this.#child.stdout, (text) => {
        if (text.startsWith("{")) hear(JSON.parse(text));
      }),
      eachLine(this.#child.stderr, (text) => this.#errors.push(text)),
    ]);
    if (status.success || this.#killed) return;
    const { program, args } = this.launch;
    throw new Error(
      `${program} ${
        args.slice(0, 4).join(" ")
      } ended with code ${status.code}: ${this.#errors.slice(-15).join("\n")}`,
    );
  }
}

/** Runs a process to its end and returns what it said last. */
export async function runDriver(launch: Launch): Promise<Line> {
  let last: Line = {};
  await using driver = new Driver(launch, (line) => last = line);
  await driver.ended;
  return last;
}

async function eachLine(
  stream: ReadableStream<Uint8Array>,
  use: (line: string) => void,
): Promise<void> {
  let rest = "";
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    lines.forEach(use);
  }
  if (rest !== "") use(rest);
}
