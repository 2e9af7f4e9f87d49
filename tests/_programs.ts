/**
 * Programs that tests need: those of the machine, or those of Debian's
 * packages, which are installed where they are missing.
 */

/** What is looked for. */
export interface Program {
  /** What it is called. */
  readonly name: string;
  /** Where it may be; Debian's is the first of these. */
  readonly places: readonly [string, ...string[]];
  /** Debian's packages. */
  readonly packages: readonly string[];
  /** Names another one, or is `none` where the tests are to be skipped. */
  readonly variable: string;
}

/** Where it is, or why there is none. */
export type Found =
  | { readonly path: string; readonly missing?: undefined }
  | { readonly path?: undefined; readonly missing: string };

/** One test file installs it; the others wait for that, and then have it. */
const INSTALL = `
place=$1; shift
exec 9> /tmp/lovage-install.lock
flock 9
test -x "$place" && exit 0
export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
apt-get update -qq -o Acquire::http::Timeout=10 &&
apt-get install -y -qq --no-install-recommends "$@"
`;

/** Finds it, or installs it. */
export async function findProgram(program: Program): Promise<Found> {
  const { variable, places } = program;
  const named = Deno.env.get(variable);
  if (named === "none") return { missing: `${variable} is none` };
  if (named !== undefined) return { path: named };
  return await foundIn(places) ?? await install(program);
}

async function foundIn(places: readonly string[]): Promise<Found | undefined> {
  for (const path of places) {
    const info = await Deno.stat(path).catch(() => null);
    if (info?.isFile === true) return { path };
  }
  return undefined;
}

async function install(
  { name, places, packages, variable }: Program,
): Promise<Found> {
  if (Deno.build.os !== "linux") {
    return { missing: `no ${name}; ${variable} can name one` };
  }
  const root = Deno.uid() === 0 ? [] : ["sudo", "-n"];
  const script = ["sh", "-c", INSTALL, "sh", places[0], ...packages];
  const [command = "sh", ...args] = [...root, ...script];
  try {
    const { success, stderr } = await new Deno.Command(command, {
      args,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).output();
    const found = success ? await foundIn(places) : undefined;
    if (found !== undefined) return found;
    const said = new TextDecoder().decode(stderr).trim().split("\n").at(-1);
    return { missing: `${name} cannot be installed: ${said}` };
  } catch (error) {
    const { message } = error as Error;
    return { missing: `${name} cannot be installed: ${message}` };
  }
}
