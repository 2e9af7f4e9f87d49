/**
 * The pages show commands: each is one that there is, with options that it
 * knows and values that it takes.
 */

import { assert, assertEquals } from "@std/assert";
import { Command, CommanderError } from "commander";
import { Cli } from "../../src/cli/cli.ts";
import { COMMANDS } from "../../src/cli/commands.ts";
import { addGlobalOptions, type Globals } from "../../src/cli/globals.ts";
import { blocksOf, commandsOf, pages, textOf } from "./fixtures/page.ts";

/** What a page may leave out: it names the command, it does not call it. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  "commander.missingArgument",
  "commander.help",
  "commander.helpDisplayed",
]);

Deno.test("the pages show commands and options that there are", async () => {
  const refused: string[] = [];
  let count = 0;
  for (const [page, line] of await commandLines()) {
    count++;
    const why = await refusal(wordsOf(line));
    if (why !== null) refused.push(`${page}: lovage ${line}: ${why}`);
  }
  assert(count > 150, `only ${count} were found`);
  assertEquals(refused, []);
});

/** What follows `lovage` in blocks of shell and in the midst of text. */
async function commandLines(): Promise<readonly [string, string][]> {
  const found: [string, string][] = [];
  for (const page of await pages()) {
    const blocks = await blocksOf(page);
    const shell = blocks.filter(({ language }) => language === "sh")
      .flatMap(commandsOf);
    const text = await textOf(page);
    const prose = text.replaceAll(/^```[^]*?^```$/gm, "");
    const inline = [...prose.matchAll(/`([^`]+)`/g)].map(([, code = ""]) =>
      code.replaceAll(/\s+/g, " ").replaceAll("\\|", "|")
    );
    for (const line of [...shell, ...inline]) {
      const [, rest] =
        /^(?:\w+=\S+ )*(?:lovage|deno run -A jsr:@lovage\/lovage\/cli) ([a-z][^]*)$/
          .exec(line) ?? [];
      if (rest !== undefined) found.push([page, rest]);
    }
  }
  return found;
}

/** The words of a line, as a shell takes them, up to a pipe. */
function wordsOf(line: string): readonly string[] {
  const [command = ""] = line.split(/\s+[|&]\s?/);
  const words = command.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g);
  return [...words].map(([, one, two, bare]) => one ?? two ?? bare ?? "")
    .filter((word) => word !== "…");
}

/** Why the command line would refuse this; `null` when it would not. */
async function refusal(words: readonly string[]): Promise<string | null> {
  const program = new Command("lovage").exitOverride()
    .configureOutput({ writeOut: () => {}, writeErr: () => {} });
  addGlobalOptions(program);
  const cli = new Cli(() => program.opts() as Globals);
  const [name = ""] = words;
  const entry = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (entry === undefined) return `there is no command ${name}`;
  const command = program.command(name);
  (await entry.load()).define(command, cli);
  doNothing(command);
  try {
    await program.parseAsync(words, { from: "user" });
    return null;
  } catch (error) {
    const isLeftOut = error instanceof CommanderError &&
      LEFT_OUT.has(error.code);
    return isLeftOut ? null : String((error as Error).message);
  }
}

/** Leaves a command its options and takes what it does. */
function doNothing(command: Command): void {
  command.exitOverride().configureOutput({
    writeOut: () => {},
    writeErr: () => {},
  });
  if (command.commands.length === 0) command.action(() => {});
  for (const each of command.commands) doNothing(each);
}
