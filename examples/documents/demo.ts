/**
 * The demo: starts a worker in a process of its own, sends every document of
 * the inbox through parsing and scoring, shows the states as they change, and
 * prints the report.
 *
 * Run it with `deno task demo`.
 *
 * @module
 */

import type { AsyncResult } from "@lovage/lovage";
import { app, parse, report, type Score, score } from "./tasks.ts";

const here = new URL("./", import.meta.url);
const folder = await Deno.makeTempDir({ prefix: "lovage-demo-" });
const brokerUrl = `sqlite://${folder}/lovage.db`;
app.configure({ brokerUrl });

console.log(
  `Tasks wait in ${brokerUrl}\nA worker starts in its own process:\n`,
);
await using worker = startWorker();
await worker.ready;

const paths = [...Deno.readDirSync(new URL("inbox", here))]
  .map((entry) => entry.name).sort();
const tracks = await Promise.all(paths.map(send));
await follow(tracks);

const scores: Score[] = [];
const failed: string[] = [];
for (const track of tracks) {
  const [parsed, scored] = [
    await track.parse.inspect(),
    await track.score.inspect(),
  ];
  if (scored.result !== undefined) scores.push(scored.result);
  else failed.push(`${track.name}: ${parsed.info ?? scored.info}`);
}
const written = await report.delay(`${folder}/report.txt`, scores, failed);
const path = await written.get({ timeout: "10s" });
console.log(`\nThe report (${path}):\n\n${await Deno.readTextFile(path)}`);
await app.close();

/** A document on its way. */
interface Track {
  readonly name: string;
  readonly parse: AsyncResult<unknown>;
  readonly score: AsyncResult<Score>;
}

/** Sends a document: its score follows from its parsing. */
async function send(name: string): Promise<Track> {
  const taskId = `score-${name}`;
  const parsed = await parse.applyAsync(
    [new URL(`inbox/${name}`, here).pathname],
    { link: score.s().set({ taskId }) },
  );
  return { name, parse: parsed, score: app.AsyncResult<Score>(taskId) };
}

/** Prints each state as it is reached, until every document has ended. */
async function follow(tracks: readonly Track[]): Promise<void> {
  const started = performance.now();
  const last = new Map<string, string>();
  let open = [...tracks];
  while (open.length > 0) {
    const states = await Promise.all(open.map(stateOf));
    for (const [index, track] of open.entries()) {
      const text = states[index]?.text ?? "";
      if (last.get(track.name) === text) continue;
      last.set(track.name, text);
      const seconds = ((performance.now() - started) / 1000).toFixed(2);
      console.log(`${seconds.padStart(6)} s  ${track.name.padEnd(12)} ${text}`);
    }
    open = open.filter((_, index) => states[index]?.ended === false);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Where a document is. */
async function stateOf(
  track: Track,
): Promise<{ text: string; ended: boolean }> {
  const parsed = await track.parse.inspect();
  if (parsed.state === "FAILURE") {
    return { text: `parse FAILURE  ${parsed.info}`, ended: true };
  }
  if (parsed.state !== "SUCCESS") {
    const why = parsed.state === "RETRY" ? `  ${parsed.info}` : "";
    return { text: `parse ${parsed.state}${why}`, ended: false };
  }
  const scored = await track.score.inspect();
  if (scored.state === "SCORING") {
    const { done } = scored.info as { done: number };
    return { text: `score SCORING  ${done} %`, ended: false };
  }
  const ended = scored.dateDone !== undefined;
  const what = scored.result === undefined
    ? ""
    : `  ${scored.result.ease} of 100`;
  return { text: `score ${scored.state}${what}`, ended };
}

/** A worker as an operator would start it. */
function startWorker(): AsyncDisposable & { readonly ready: Promise<void> } {
  const process = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      new URL("../../cli.ts", here).pathname,
      "worker",
      "--app",
      new URL("tasks.ts", here).pathname,
      "--concurrency",
      "2",
      "--loglevel",
      "warning",
    ],
    env: { LOVAGE_BROKER_URL: brokerUrl },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const ready = Promise.withResolvers<void>();
  const show = async (output: ReadableStream<Uint8Array<ArrayBuffer>>) => {
    for await (const text of output.pipeThrough(new TextDecoderStream())) {
      console.log(text.trimEnd().replaceAll(/^/gm, "  | "));
      if (/\bready\b/.test(text)) ready.resolve();
    }
  };
  show(process.stderr);
  show(process.stdout).then(() => {
    ready.reject(new Error("The worker ended before it was ready"));
  });
  return {
    ready: ready.promise,
    async [Symbol.asyncDispose]() {
      process.kill("SIGTERM");
      await process.status;
    },
  };
}
