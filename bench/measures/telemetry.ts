/**
 * What OpenTelemetry costs Lovage: the same tasks without it, with an app that
 * is instrumented while nobody exports, with every task traced, and with a
 * twentieth of all traces; and every task traced that works for a while.
 *
 * What nobody who traces can do without is measured beside it: tasks that make
 * one span each, without attributes, of an app that is not instrumented.
 *
 * @module
 */

import { CountingCollector } from "../collector.ts";
import { lovageTelemetry } from "../contestants/lovage.ts";
import { runDriver } from "../processes.ts";
import type { Turn } from "./measure.ts";

/** How it is measured. */
type Case =
  | "none"
  | "off"
  | "ratio"
  | "all"
  | "bare"
  | "working"
  | "workingTraced";

const SAMPLED = {
  OTEL_TRACES_SAMPLER: "parentbased_traceidratio",
  OTEL_TRACES_SAMPLER_ARG: "0.05",
};

interface How {
  readonly what: string;
  readonly instrumented?: boolean;
  readonly env?: "ratio" | "all";
  /** Whether tasks make a span each by themselves. */
  readonly spans?: boolean;
  /** How long tasks work (ms). */
  readonly work?: number;
  readonly against?: Case;
}

const CASES: Readonly<Record<Case, How>> = {
  none: { what: "without telemetry" },
  off: { what: "nobody exports", instrumented: true, against: "none" },
  ratio: {
    what: "5 % of traces",
    instrumented: true,
    env: "ratio",
    against: "none",
  },
  all: {
    what: "every task traced",
    instrumented: true,
    env: "all",
    against: "none",
  },
  bare: {
    what: "a bare span of Deno's in every task",
    spans: true,
    env: "all",
    against: "none",
  },
  working: { what: "tasks of 1 ms without telemetry", work: 1 },
  workingTraced: {
    what: "every task of 1 ms traced",
    instrumented: true,
    env: "all",
    work: 1,
    against: "working",
  },
};

const NAMES = Object.keys(CASES) as Case[];

/** The rows of costs, by case. */
export const TELEMETRY = {
  off: costsOf(CASES.off),
  ratio: costsOf(CASES.ratio),
  all: costsOf(CASES.all),
  working: costsOf(CASES.workingTraced),
} as const;

function costsOf(
  { what }: How,
): { rate: string; cpu: string; each: string; sent: string } {
  return {
    rate: `${what}: cost, %`,
    cpu: `${what}: cost in CPU, %`,
    each: `${what}: more CPU per task, µs`,
    sent: `${what}: cost of sending, %`,
  };
}

interface Took {
  readonly sent: number;
  readonly rate: number;
  /** In seconds per 10,000. */
  readonly cpu: number;
}

/** Measures all of them; which goes first goes round. */
export async function measureTelemetry(
  turn: Turn,
  round: number,
): Promise<void> {
  const { contestant, server } = turn;
  if (contestant.name !== "Lovage") return;
  await everyCase(turn, round, "", () => server.fresh());
  if (server.store !== "redis") return;
  await everyCase(
    turn,
    round,
    "memory: ",
    () => Promise.resolve("memory://"),
  );
}

async function everyCase(
  turn: Turn,
  round: number,
  prefix: string,
  place: () => Promise<string>,
): Promise<void> {
  const note = (row: string, value: number) => turn.note(prefix + row, value);
  const found: Partial<Record<Case, Took>> = {};
  for (const [index] of NAMES.entries()) {
    const name = NAMES[(index + round) % NAMES.length] ?? "none";
    found[name] = await one(turn, CASES[name], await place(), note);
  }
  const { none, all, bare } = found;
  if (none !== undefined && all !== undefined && bare !== undefined) {
    note(
      "every task traced: CPU over that of bare spans, ×",
      (all.cpu - none.cpu) / (bare.cpu - none.cpu),
    );
  }
  for (const name of NAMES) {
    const how = CASES[name];
    const took = found[name];
    const against = how.against && found[how.against];
    if (took === undefined) continue;
    note(`${how.what}, /s`, took.rate);
    note(`${how.what}: CPU, s per 10,000`, took.cpu);
    if (against === undefined) continue;
    const costs = costsOf(how);
    note(costs.rate, (1 - took.rate / against.rate) * 100);
    note(costs.cpu, (took.cpu / against.cpu - 1) * 100);
    note(costs.each, (took.cpu - against.cpu) * 100);
    note(costs.sent, (1 - took.sent / against.sent) * 100);
  }
}

async function one(
  { contestant, scale }: Turn,
  { what, instrumented = false, env, spans = false, work = 0 }: How,
  url: string,
  note: (row: string, value: number) => void,
): Promise<Took> {
  await using collector = new CountingCollector();
  const { drain } = contestant.counts;
  const count = scale(work > 0 ? 3_000 : drain);
  const took = await runDriver(
    lovageTelemetry(url, { instrumented, count, spans, work }, {
      ...(env === undefined ? {} : collector.env),
      ...(env === "ratio" ? SAMPLED : {}),
    }),
  ) as unknown as Took;
  if (env === "all") {
    note(`${what}: runs whose span arrived, %`, collector.spans / count * 100);
  }
  return took;
}
