/** Colours on a terminal, and how to do without them. */

import { assert, assertMatch } from "@std/assert";

const ROOT = new URL("../../", import.meta.url).pathname;

/** What a command prints on a terminal that `script` makes. */
async function onTerminal(
  env: Readonly<Record<string, string>>,
  ...args: string[]
): Promise<string> {
  const command = [
    ...[Deno.execPath(), "run", "-A", "--frozen", "--quiet"],
    ...[`--config=${ROOT}deno.json`, `${ROOT}cli.ts`, ...args],
  ];
  const { NO_COLOR: _, ...rest } = Deno.env.toObject();
  const { stdout } = await new Deno.Command("script", {
    args: ["-qec", command.map((each) => `'${each}'`).join(" "), "/dev/null"],
    env: { ...rest, TERM: "xterm", ...env },
    clearEnv: true,
    stdin: "null",
  }).output();
  return new TextDecoder().decode(stdout);
}

function isMissing(program: string): boolean {
  try {
    new Deno.Command(program, { args: ["--version"] }).outputSync();
    return false;
  } catch {
    return true;
  }
}

Deno.test({
  name: "errors are red on a terminal, unless --no-color or NO_COLOR says no",
  ignore: Deno.build.os !== "linux" || isMissing("script"),
  async fn() {
    const wrong = ["result", "x", "--broker", "nowhere://"];
    const colored = await onTerminal({}, ...wrong);
    assertMatch(colored, /No store speaks "nowhere:/);
    assert(colored.includes("\x1b[31m"), JSON.stringify(colored));
    const plain = [
      await onTerminal({}, ...wrong, "--no-color"),
      await onTerminal({ NO_COLOR: "1" }, ...wrong),
    ];
    for (const text of plain) {
      assertMatch(text, /No store speaks "nowhere:/);
      assert(!text.includes("\x1b["), JSON.stringify(text));
    }
  },
});
