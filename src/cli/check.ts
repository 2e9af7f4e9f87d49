/**
 * `lovage check`: the checklist for production, run.
 *
 * @module
 */

import type { Command } from "commander";
import { check } from "../control/check/check.ts";
import type { Finding, FindingLevel } from "../control/check/finding.ts";
import { namedAppOrStore, openExisting } from "./app.ts";
import type { Cli } from "./cli.ts";
import { ExitCode } from "./exit_code.ts";
import { count } from "../words.ts";

interface CheckFlags {
  readonly strict?: boolean;
}

/** Defines the command. */
export function define(command: Command, cli: Cli): void {
  command
    .option("--strict", "exit with 1 for warnings as well")
    .addHelpText(
      "after",
      "\nLooks at settings, tasks, stores, workers and beats, and changes nothing.\nWithout an app its settings and tasks are left out. Exits with 1 when there\nis a problem.",
    )
    .action(async (flags: CheckFlags) => {
      cli.exitCode = await run(cli, flags);
    });
}

async function run(
  cli: Cli,
  { strict = false }: CheckFlags,
): Promise<number> {
  const named = await namedAppOrStore(cli);
  await openExisting(named);
  const storesOnly = named.module === null;
  const report = await check(named.internals, { storesOnly });
  const { findings } = report;
  cli.out.show(report, () => text(findings));
  if (storesOnly) {
    cli.out.note(
      "Settings and tasks were not looked at: name the app by --app",
    );
  }
  const passes = report.ok &&
    !(strict && findings.some(({ level }) => level === "warning"));
  return passes ? ExitCode.Ok : ExitCode.Failure;
}

function text(findings: readonly Finding[]): string {
  const of = (level: FindingLevel) =>
    findings.filter((each) => each.level === level);
  const problems = of("problem");
  const warnings = of("warning");
  const fine = of("ok");
  return [
    ...section("Problems", problems),
    ...section("Warnings", warnings),
    ...(fine.length === 0 ? [] : [
      "Fine",
      ...fine.map(({ check, detail }) => `  ${check}: ${detail}`),
      "",
    ]),
    `${count(problems.length, "problem")}, ${
      count(warnings.length, "warning")
    }`,
  ].join("\n");
}

function section(
  title: string,
  findings: readonly Finding[],
): readonly string[] {
  if (findings.length === 0) return [];
  return [
    title,
    ...findings.flatMap(({ check, detail, cure }) => [
      `  ${check}: ${detail}`,
      ...(cure === "" ? [] : [`    -> ${cure}`]),
    ]),
    "",
  ];
}
