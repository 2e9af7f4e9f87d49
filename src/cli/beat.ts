/**
 * `lovage beat`: sends what is due until it is told to stop.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import type { Command } from "commander";
import type { Beat } from "../beat/beat.ts";
import { startBeat } from "../beat/start.ts";
import { type Duration, parseDuration } from "../message/time.ts";
import { machineFacts, pid } from "../runtime/machine.ts";
import type { StopSignal } from "../runtime/signals.ts";
import { nodeName } from "../worker/plan.ts";
import { checkStores, type CliApp, namedApp } from "./app.ts";
import { bannerOf, bannerText, type BeatPlan } from "./beat_banner.ts";
import { entriesOfCode, totalsText } from "./beat_text.ts";
import type { Cli } from "./cli.ts";
import { runDaemon } from "./daemon.ts";
import { addDaemonOptions, type DaemonFlags } from "./daemon_options.ts";
import { UsageError } from "./errors.ts";
import { span } from "../words.ts";
import { duration } from "./parse.ts";
import type { ShutdownStage } from "./shutdown.ts";

const log = getLogger(["lovage", "beat"]);

/** The shortest `--max-interval`, in ms. */
const SHORTEST = 10;

interface BeatFlags extends DaemonFlags {
  readonly maxInterval?: Duration;
}

/** Defines the command. */
export function define(command: Command, cli: Cli): void {
  addDaemonOptions(command, "beat@%h")
    .option(
      "--max-interval <duration>",
      "look at the store at least this often; at most a third of beatLease",
      duration("--max-interval"),
    )
    .addHelpText(
      "after",
      `
Any number of beats may run: one sends, the others take over when it stops or
falls silent. lovage schedule shows and changes what they send.

Signals:
  TERM, INT, HUP, QUIT   stops after what is being sent, and hands the lead over
  again                  ends at once; another takes over when its lease is over`,
    )
    .action((flags: BeatFlags) => run(cli, flags));
}

async function run(cli: Cli, flags: BeatFlags): Promise<void> {
  const { maxInterval } = flags;
  checkInterval(maxInterval);
  const named = await namedApp(cli);
  const plan = await planOf(named, flags);
  const { hostname } = plan;
  await checkStores(
    named.internals,
    "no worker would get what this beat sends",
  );
  await runDaemon<Beat>(cli, named, flags, {
    what: "beat",
    hostname,
    hasCold: false,
    announce: (where) => {
      const banner = bannerOf(named, plan, { pid: pid(), log: where });
      cli.out.tell({ ...banner }, () => bannerText(banner));
    },
    start: (signal) => startBeat(named.app, { hostname, maxInterval }, signal),
    ready: () => {
      cli.out.tell(
        { event: "ready", beat: hostname },
        () => `${hostname} is ready; stop it with Ctrl-C or TERM`,
      );
      log.debug("{beat} is ready", { beat: hostname });
    },
    signalled: (stage, signal, beat) =>
      announce(cli, stage, signal, { plan, leads: beat?.leads ?? false }),
    ended: (beat) => ended(cli, hostname, beat),
  });
}

function checkInterval(maxInterval: Duration | undefined): void {
  if (maxInterval === undefined) return;
  const ms = parseDuration(maxInterval, "--max-interval");
  if (ms >= SHORTEST) return;
  throw new UsageError(
    `--max-interval must be at least ${SHORTEST}ms, but it is ${span(ms)}`,
  );
}

async function planOf(
  named: CliApp,
  { hostname, maxInterval }: BeatFlags,
): Promise<BeatPlan> {
  const { beatLease, beatMaxLoopInterval } = named.internals.settings();
  return {
    hostname: nodeName(hostname ?? "beat@%h", machineFacts().hostname),
    lease: beatLease,
    wanted: maxInterval === undefined
      ? beatMaxLoopInterval
      : parseDuration(maxInterval, "--max-interval"),
    entries: await entriesOfCode(named),
  };
}

function announce(
  cli: Cli,
  stage: ShutdownStage,
  signal: StopSignal,
  { plan, leads }: { readonly plan: BeatPlan; readonly leads: boolean },
): void {
  const text = `${signal} received: ${sentence(stage, leads, plan.lease)}`;
  cli.out.tell({ event: "signal", signal, stop: stage, leads }, () => text);
  log.debug(text);
}

function sentence(
  stage: ShutdownStage,
  leads: boolean,
  lease: number,
): string {
  switch (stage) {
    case "early":
      return "it has not started yet, and stops as soon as it can. Again ends it at once";
    case "hard":
      return leads
        ? `ends at once. Another beat takes over within ${span(lease)}`
        : "ends at once";
    default:
      return leads
        ? "it stops after what is being sent, and hands the lead over. Again ends it at once"
        : "it stops; another beat leads, or none. Again ends it at once";
  }
}

function ended(cli: Cli, hostname: string, beat: Beat | null): void {
  const totals = beat?.totals ?? { sent: 0, leftOut: 0 };
  const how = beat === null
    ? "has stopped before it had started"
    : `has stopped (${totalsText(totals)})`;
  cli.out.tell(
    { event: "stopped", beat: hostname, ...totals },
    () => `${hostname} ${how}`,
  );
  log.debug("{beat} {how}", { beat: hostname, how });
}
