/**
 * `lovage schedule`: what beat sends, and when.
 *
 * @module
 */

import type { Command } from "commander";
import type { Cli } from "./cli.ts";
import { defineAdd } from "./schedule_add.ts";
import { defineEdit } from "./schedule_edit.ts";
import { defineList } from "./schedule_list.ts";
import { defineNext } from "./schedule_next.ts";
import { defineRunNow } from "./schedule_run_now.ts";
import { defineShow } from "./schedule_show.ts";
import { defineSwitches } from "./schedule_switch.ts";

/** Defines the command. */
export function define(command: Command, cli: Cli): void {
  defineList(command, cli);
  defineShow(command, cli);
  defineAdd(command, cli);
  defineEdit(command, cli);
  defineSwitches(command, cli);
  defineRunNow(command, cli);
  defineNext(command, cli);
}
