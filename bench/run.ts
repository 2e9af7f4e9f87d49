/**
 * `deno task bench`: Lovage and its peers, measured in alternating rounds of
 * one run. Prints medians, spreads and ratios as tables, with `--json` as
 * JSON. What is measured, and how, is said in `docs/benchmarks.md`.
 *
 * @module
 */

import { UsageError } from "../src/cli/errors.ts";
import { Bench } from "./bench.ts";
import { lovage } from "./contestants/lovage.ts";
import { type BenchOptions, parseOptions } from "./options.ts";
import { findPeers } from "./peers.ts";
import { endAll } from "./processes.ts";
import { asJson, asMarkdown, type Run } from "./report.ts";
import { whyNot } from "./servers.ts";

async function main(options: BenchOptions): Promise<void> {
  const { peers, json } = options;
  const stores = options.stores.filter((store) => whyNot(store) === undefined);
  const found = await findPeers(
    stores.some((store) => store !== "sqlite") ? peers : [],
  );
  const skipped = [
    ...options.stores.flatMap((store) => whyNot(store) ?? []),
    ...found.skipped,
  ];
  skipped.forEach(say);
  await using bench = new Bench({ ...options, stores });
  const report = () => {
    const { about, samples, failures, round } = bench;
    const programs = [`Deno ${Deno.version.deno}`, ...found.about, ...about];
    print(
      { about: programs, skipped, failures, rounds: round, samples },
      json,
    );
  };
  endWhenAsked(bench, report);
  await bench.run([...stores.map(lovage), ...found.contestants]);
  report();
  if (bench.failures.length > 0) Deno.exitCode = 1;
}

function print(run: Run, json: boolean | string): void {
  if (typeof json === "string") Deno.writeTextFileSync(json, asJson(run));
  console.log(json === true ? asJson(run) : asMarkdown(run));
}

/** When it is interrupted: prints what there is, and leaves no process. */
function endWhenAsked(bench: Bench, report: () => void): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    const end = async () => {
      report();
      await endAll();
      await bench[Symbol.asyncDispose]();
      Deno.exit(signal === "SIGINT" ? 130 : 143);
    };
    Deno.addSignalListener(signal, () => void end());
  }
}

function say(text: string): void {
  console.error(text);
}

try {
  const options = parseOptions(Deno.args);
  if (options !== null) await main(options);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  say(error.message);
  Deno.exit(2);
}
