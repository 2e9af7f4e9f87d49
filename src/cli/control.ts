/**
 * `lovage control`: steers workers, and pauses queues.
 *
 * @module
 */

import type { Command } from "commander";
import type { Control } from "../control/control.ts";
import type { Done } from "../control/facts.ts";
import type { AskOptions } from "../control/remote.ts";
import type { Replies } from "../control/replies.ts";
import type { Duration } from "../message/time.ts";
import { nearest, type Rate } from "../options.ts";
import { type CliApp, namedAppOrStore, openExisting } from "./app.ts";
import {
  absences,
  addAskOptions,
  askOptionsOf,
  isSilent,
  spelledCommand,
} from "./ask.ts";
import type { Cli } from "./cli.ts";
import { UsageError } from "./errors.ts";
import { ExitCode } from "./exit_code.ts";
import { define as defineRevoke } from "./revoke.ts";
import { duration, integer, range, rate } from "./parse.ts";
import { table } from "./table.ts";

interface LimitFlags {
  readonly soft?: Duration;
  readonly hard?: Duration;
}

/** Gives an order. */
type Give = (
  control: Control,
  options: AskOptions,
) => Promise<Replies<Done>>;

/** Defines the command. */
export function define(command: Command, cli: Cli): void {
  addAskOptions(command);
  const order = (name: string, summary: string) =>
    spelledCommand(command, name).description(summary);
  const give = async (order: Give) => {
    cli.exitCode = await steer(cli, order, askOptionsOf(command));
  };
  limits(order, give);
  pool(order, give);
  consumers(order, give);
  queues(order, cli, command);
  defineRevoke(
    order("revoke", "cancel tasks that wait or run, as lovage revoke does")
      .hook("preAction", () => refuseSome(command, "Tasks are revoked")),
    cli,
  );
  order("enable-events", "tell events also while nobody watches")
    .action(() => give((control, to) => control.enableEvents(to)));
  order("disable-events", "tell events only while somebody watches")
    .action(() => give((control, to) => control.disableEvents(to)));
  order("heartbeat", "tell now how it is doing: an event, and to the store")
    .action(() => give((control, to) => control.heartbeat(to)));
  order("shutdown", "stop warmly: what runs comes to its end")
    .action(() => give((control, to) => control.shutdown(to)));
  command.addHelpText(
    "after",
    `
All workers are meant unless -d or -p name some. What they are told holds until
they restart; that a queue is paused is stored. Exits with 1 when a worker did
not do it, or did not answer.`,
  );
}

type Order = (name: string, summary: string) => Command;
type Giver = (order: Give) => Promise<void>;

function limits(order: Order, give: Giver): void {
  order("rate-limit", "set how often a task starts in each worker")
    .argument("<task>", "name of the task")
    .argument("<rate>", "such as 10/s or 100/m; 0 is without limit", rate)
    .action((task: string, rate: Rate) =>
      give((control, to) => control.rateLimit(task, rate, to))
    );
  order("time-limit", "set the time limits of a task, for runs to come")
    .argument("<task>", "name of the task")
    .option(
      "--soft <duration>",
      "ask it to stop; 0 is never",
      duration("--soft"),
    )
    .option(
      "--hard <duration>",
      "end it by force; 0 is never",
      duration("--hard"),
    )
    .action((task: string, { soft, hard }: LimitFlags) => {
      if (soft === undefined && hard === undefined) {
        throw new UsageError(
          "There is no limit to set: give --soft, --hard, or both",
        );
      }
      return give((control, to) => control.timeLimit(task, { soft, hard }, to));
    });
}

function pool(order: Order, give: Giver): void {
  const slots = integer("The number of slots", 1);
  order("pool-grow", "add slots to pools")
    .argument("[n]", "so many", slots, 1)
    .action((n: number) => give((control, to) => control.poolGrow(n, to)));
  order("pool-shrink", "take slots from pools; what runs comes to its end")
    .argument("[n]", "so many", slots, 1)
    .action((n: number) => give((control, to) => control.poolShrink(n, to)));
  order("autoscale", "have pools follow the work, within a range")
    .argument("<max>", "at most so many tasks at a time; or max,min")
    .argument("[min]", "at least so many", slots)
    .action((most: string, least: number | undefined) => {
      const text = least === undefined ? most : `${most},${least}`;
      const given = range("The range")(text);
      return give((control, to) => control.autoscale(given, to));
    });
  order(
    "pool-restart",
    "replace host processes, each after what it runs; code is loaded anew",
  ).action(() => give((control, to) => control.poolRestart(to)));
}

function consumers(order: Order, give: Giver): void {
  order("add-consumer", "serve one more queue")
    .argument("<queue>", "name of the queue")
    .action((queue: string) =>
      give((control, to) => control.addConsumer(queue, to))
    );
  order("cancel-consumer", "serve a queue no more")
    .argument("<queue>", "name of the queue")
    .action((queue: string) =>
      give((control, to) => control.cancelConsumer(queue, to))
    );
}

function queues(order: Order, cli: Cli, parent: Command): void {
  const check = () =>
    refuseSome(
      parent,
      "A queue is paused and resumed",
      ", or use cancel-consumer and add-consumer",
    );
  order("pause", "have nothing taken from queues, by any worker; it is stored")
    .argument("<queue...>", "names of queues")
    .hook("preAction", check)
    .action((queues: string[]) => pause(cli, queues, true));
  order("resume", "have queues served again that were paused")
    .argument("<queue...>", "names of queues")
    .hook("preAction", check)
    .action((queues: string[]) => pause(cli, queues, false));
}

async function steer(
  cli: Cli,
  give: Give,
  options: AskOptions,
): Promise<number> {
  const named = await namedAppOrStore(cli);
  await openExisting(named);
  const answers = await give(named.app.control, options);
  const { replies, errors, missing } = answers;
  cli.out.show(answers, () => {
    const rows = Object.entries(replies).map(([name, { ok }]) => [name, ok]);
    const done = rows.length === 0 ? [] : [table(["WORKER", "DONE"], rows)];
    return [...done, ...absences(answers, options)].join("\n");
  });
  const failed = Object.keys(errors).length + missing.length > 0;
  return failed || isSilent(answers) ? ExitCode.Failure : ExitCode.Ok;
}

/** What is stored is for all workers. */
function refuseSome(parent: Command, what: string, other = ""): void {
  const { destination, pattern } = askOptionsOf(parent);
  if (destination === undefined && pattern === undefined) return;
  throw new UsageError(
    `${what} for all workers: leave -d and -p out${other}`,
  );
}

async function pause(
  cli: Cli,
  queues: readonly string[],
  paused: boolean,
): Promise<void> {
  const named = await namedAppOrStore(cli);
  await openExisting(named);
  const { control } = named.app;
  const doubts = paused ? await strangersAmong(named, queues) : [];
  await (paused ? control.pause(queues) : control.resume(queues));
  const names = queues.join(", ");
  cli.out.show(
    { queues, paused },
    () =>
      paused
        ? `Paused ${names}: nothing is taken from there until it is resumed`
        : `Resumed ${names}`,
  );
  for (const doubt of doubts) cli.out.note(doubt);
}

/** Sentences on queues that may be misspelled: to pause them does nothing. */
async function strangersAmong(
  { internals }: Pick<CliApp, "internals">,
  queues: readonly string[],
): Promise<readonly string[]> {
  const { broker } = await internals.stores.open();
  const { inspector } = broker;
  const [waiting, workers] = await Promise.all([
    inspector.queues(),
    inspector.consumers(),
  ]);
  const known = new Set([
    ...waiting.map(({ queue }) => queue),
    ...workers.flatMap(({ details: { queues } }) =>
      Array.isArray(queues) ? queues.map(String) : []
    ),
  ]);
  return queues.filter((queue) => !known.has(queue)).map((queue) => {
    const near = nearest(queue, [...known]);
    return `Warning: no worker serves queue "${queue}", and nothing waits in it` +
      (near === undefined ? "" : `. Did you mean "${near}"?`);
  });
}
