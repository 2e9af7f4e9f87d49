/**
 * The commands. Each is loaded only when it is called: nobody waits for the
 * worker's code to look at a result.
 *
 * @module
 */

import type { Command } from "commander";
import type { Cli } from "./cli.ts";

/** What the file of a command exports. */
export interface CommandModule {
  /** Gives a command its arguments, its options and what it does. */
  define(command: Command, cli: Cli): void;
}

/** A command that can be loaded. */
export interface CommandEntry {
  /** What it does, in a line. */
  readonly summary: string;
  /** Loads its file. */
  load(): Promise<CommandModule>;
}

/** All commands, by name, in the order of `--help`. */
export const COMMANDS: Readonly<Record<string, CommandEntry>> = {
  worker: {
    summary: "run tasks until it is told to stop",
    load: () => import("./worker.ts"),
  },
  beat: {
    summary: "send what is due until it is told to stop",
    load: () => import("./beat.ts"),
  },
  call: {
    summary: "send a task",
    load: () => import("./call.ts"),
  },
  result: {
    summary: "show what became of a task",
    load: () => import("./result.ts"),
  },
  explain: {
    summary: "say where a task is and why it does not run",
    load: () => import("./explain.ts"),
  },
  revoke: {
    summary: "cancel tasks that wait or run",
    load: () => import("./revoke.ts"),
  },
  schedule: {
    summary: "show and change what beat sends, and when",
    load: () => import("./schedule.ts"),
  },
  status: {
    summary: "show workers, queues and dead letters",
    load: () => import("./status.ts"),
  },
  inspect: {
    summary: "ask workers what they do",
    load: () => import("./inspect.ts"),
  },
  control: {
    summary: "steer workers, pause queues",
    load: () => import("./control.ts"),
  },
  events: {
    summary: "watch what happens in workers",
    load: () => import("./events.ts"),
  },
  dashboard: {
    summary: "serve the dashboard until it is told to stop",
    load: () => import("./dashboard.ts"),
  },
  gateway: {
    summary: "serve HTTP for those who send tasks and cannot reach the store",
    load: () => import("./gateway.ts"),
  },
  check: {
    summary: "go through what production asks for",
    load: () => import("./check.ts"),
  },
  list: {
    summary: "list the tasks of the app",
    load: () => import("./list.ts"),
  },
  purge: {
    summary: "drop the tasks that wait in queues",
    load: () => import("./purge.ts"),
  },
  migrate: {
    summary: "bring the schemas of the stores up to date",
    load: () => import("./migrate.ts"),
  },
  dead: {
    summary: "look at dead letters, redrive or drop them",
    load: () => import("./dead.ts"),
  },
};
