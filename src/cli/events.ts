/**
 * `lovage events`: what happens in workers, as it happens.
 *
 * @module
 */

import type { Command } from "commander";
import type { EventStream } from "../control/events.ts";
import { exitNow } from "../runtime/process.ts";
import { onStopSignal, SIGNAL_NUMBERS } from "../runtime/signals.ts";
import { isTerminal, terminalSize, writeOut } from "../runtime/terminal.ts";
import { namedAppOrStore, openExisting } from "./app.ts";
import type { Cli } from "./cli.ts";
import { EventsView } from "./events_view.ts";
import { Screen } from "./screen.ts";

interface EventsFlags {
  readonly dump?: boolean;
}

/** The view is drawn again after so many ms. */
const REDRAW = 500;

/** Defines the command. */
export function define(command: Command, cli: Cli): void {
  command
    .option("--dump", "print each event as a line of JSON")
    .addHelpText(
      "after",
      `
On a terminal it shows workers, what runs and what has failed, and is drawn
anew twice a second; elsewhere, and with --json, it does as with --dump. Workers
tell events only while somebody watches. Ctrl-C ends it.`,
    )
    .action((flags: EventsFlags) => watch(cli, flags));
}

async function watch(cli: Cli, { dump = false }: EventsFlags): Promise<void> {
  const named = await namedAppOrStore(cli);
  const { broker } = await openExisting(named);
  const stream = await named.app.events.stream();
  const ignoreSignals = closeOnSignal(stream);
  try {
    if (dump || cli.out.json || !isTerminal()) {
      cli.out.note(`Watching ${broker.address}; Ctrl-C ends it`);
      await print(stream);
    } else {
      const now = () => named.internals.clock().now();
      await show(
        stream,
        new EventsView(broker.address, stream.state, now()),
        now,
      );
    }
  } finally {
    ignoreSignals();
    await stream.close();
  }
  if (stream.dropped > 0) {
    cli.out.note(
      `${stream.dropped} events were lost: they came faster than they could be read`,
    );
  }
}

/** The first signal ends the stream, a second one the process. */
function closeOnSignal(stream: EventStream): () => void {
  let asked = false;
  return onStopSignal((signal) => {
    if (asked) exitNow(128 + SIGNAL_NUMBERS[signal]);
    asked = true;
    void stream.close();
  });
}

async function print(stream: EventStream): Promise<void> {
  for await (const event of stream) {
    if (!writeOut(`${JSON.stringify(event)}\n`)) return;
  }
}

async function show(
  stream: EventStream,
  view: EventsView,
  now: () => number,
): Promise<void> {
  const screen = new Screen(writeOut);
  const draw = () => {
    const { columns, rows } = terminalSize();
    if (!screen.draw(view.lines(now(), rows, stream.dropped), columns)) {
      void stream.close();
    }
  };
  const timer = setInterval(draw, REDRAW);
  try {
    draw();
    for await (const event of stream) view.take(event, now());
  } finally {
    clearInterval(timer);
    screen[Symbol.dispose]();
  }
}
