/**
 * Which peers can be measured here, and what they need first.
 *
 * @module
 */

import { bullmq } from "./contestants/bullmq.ts";
import { celery, findCelery } from "./contestants/celery.ts";
import {
  type Contestant,
  nodeProgram,
  pathOf,
} from "./contestants/contestant.ts";
import { graphileWorker } from "./contestants/graphile_worker.ts";
import { pgBoss } from "./contestants/pg_boss.ts";
import type { PeerName } from "./options.ts";

/** The peers that are there, and sentences about those that are not. */
export interface Peers {
  readonly contestants: readonly Contestant[];
  /** What runs them. */
  readonly about: readonly string[];
  readonly skipped: readonly string[];
}

/** Finds peers, and installs those of npm where that was not done yet. */
export async function findPeers(names: readonly PeerName[]): Promise<Peers> {
  const contestants: Contestant[] = [];
  const about: string[] = [];
  const skipped: string[] = [];
  if (names.some((name) => name !== "celery")) {
    const missing = await prepareNode();
    if (missing === undefined) {
      contestants.push(...nodePeers(names));
      about.push(`Node ${(await say(nodeProgram(), ["--version"])).slice(1)}`);
      about.push(...installedVersions());
    } else skipped.push(missing);
  }
  if (names.includes("celery")) {
    const python = await findCelery();
    if (python === undefined) skipped.push(NO_CELERY);
    else {
      contestants.push(celery(python));
      about.push(`Celery ${await say(python, ["-c", CELERY_VERSION])}`);
    }
  }
  return { contestants, about, skipped };
}

const NO_CELERY =
  "Celery is skipped: no Python here can import it. Install it " +
  '(apt install python3-celery python3-redis, or pip install "celery[redis]"), ' +
  "and name its Python in LOVAGE_BENCH_PYTHON if it is not python3";

const CELERY_VERSION =
  "import celery, sys; print(celery.__version__ + ' on Python ' + sys.version.split()[0])";

function nodePeers(names: readonly PeerName[]): readonly Contestant[] {
  const all: Partial<Record<PeerName, Contestant>> = {
    bullmq: bullmq("redis"),
    "graphile-worker": graphileWorker,
    "pg-boss": pgBoss,
    "bullmq-postgres": bullmq("postgres"),
  };
  return names.flatMap((name) => all[name] ?? []);
}

/** Says why the peers of npm cannot be run, if so. */
async function prepareNode(): Promise<string | undefined> {
  try {
    await say(nodeProgram(), ["--version"]);
  } catch {
    return `The peers of npm are skipped: there is no program "${nodeProgram()}". ` +
      "Install Node.js, or name it in LOVAGE_BENCH_NODE";
  }
  if (isDirectory(pathOf("peers/node_modules"))) return undefined;
  console.error("Installing the peers into bench/peers/node_modules");
  try {
    await say("npm", ["install", "--no-audit", "--no-fund"], pathOf("peers"));
  } catch (error) {
    return `The peers of npm are skipped: npm install failed in bench/peers: ${
      error instanceof Error ? error.message : error
    }`;
  }
}

/** The versions, as package.json pins them. */
function installedVersions(): readonly string[] {
  const { dependencies } = JSON.parse(
    Deno.readTextFileSync(pathOf("peers/package.json")),
  ) as { dependencies: Record<string, string> };
  return Object.entries(dependencies).map((entry) => entry.join(" "));
}

async function say(
  program: string,
  args: readonly string[],
  cwd?: string,
): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    ...(cwd === undefined ? {} : { cwd }),
  }).output();
  const decoder = new TextDecoder();
  if (!success) {
    const lines = decoder.decode(stderr).split("\n");
    // The first lines that are not warnings say what happened.
    throw new Error(
      lines.filter((line) => !line.includes(" warn ")).slice(0, 5).join(" "),
    );
  }
  return decoder.decode(stdout).trim();
}

function isDirectory(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
