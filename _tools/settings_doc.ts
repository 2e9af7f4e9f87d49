/**
 * Writes `docs/settings.md`: every setting and every option of a task and of a
 * call, from the documentation in the code. `deno task docs:settings` writes
 * it, and a test holds it against the code.
 *
 * @module
 */

const ROOT = new URL("../", import.meta.url);
const TARGET = new URL("docs/settings.md", ROOT);

/** A table of the chapter. */
interface Section {
  readonly title: string;
  readonly intro: string;
  /** The interfaces, whose members make one table, and their files. */
  readonly interfaces: Readonly<Record<string, string>>;
}

const SECTIONS: readonly Section[] = [
  {
    title: "Settings of an app",
    intro:
      "Given to `new Lovage(name, settings)` or `app.configure()`, or as environment variables: `brokerUrl` is `LOVAGE_BROKER_URL` for `app.configFromEnv()`. The names are Celery's, in camelCase. What is unknown or mistyped is refused where it is written.",
    interfaces: { Config: "src/config.ts" },
  },
  {
    title: "Publish retry policy",
    intro: "`taskPublishRetryPolicy`, and `retryPolicy` at a call.",
    interfaces: { RetryPolicy: "src/retry_policy.ts" },
  },
  {
    title: "Options of a task",
    intro:
      "The second argument of `app.task(name, options, fn)`. Time limits, `acksLate`, `ignoreResult` and the like follow the app's settings where they are not given (`taskTimeLimit`, `taskAcksLate` …). More about the last three is in [limits](limits.md).",
    interfaces: {
      TaskOptions: "src/task_options.ts",
      LimitOptions: "src/task_limits.ts",
    },
  },
  {
    title: "Hooks of a task",
    intro: "Among the options of a task; each may be asynchronous.",
    interfaces: { TaskHooks: "src/task_options.ts" },
  },
  {
    title: "Options of a call",
    intro:
      "Of `task.applyAsync(args, options)`, `app.sendTask()` and `signature.set()`.",
    interfaces: { CallOptions: "src/producer/call_options.ts" },
  },
  {
    title: "Options of a worker",
    intro:
      "Of `app.worker(options)`; the command line has them as flags (`lovage worker --help`).",
    interfaces: { WorkerOptions: "src/worker/worker_options.ts" },
  },
];

interface Property {
  readonly name: string;
  readonly jsDoc?: { readonly doc?: string; readonly tags?: readonly Tag[] };
}

interface Tag {
  readonly kind: string;
  readonly value?: string;
}

/** The chapter, as the code has it now. */
export async function settingsDoc(): Promise<string> {
  const parts = ["# Settings and options\n", INTRO];
  for (const { title, intro, interfaces } of SECTIONS) {
    const rows: string[] = [];
    for (const [name, file] of Object.entries(interfaces)) {
      const members = (await interfacesOf(file)).get(name) ?? [];
      rows.push(...members.map(rowOf));
    }
    parts.push(
      `## ${title}\n\n${intro}\n\n| name | what it does | by default |\n| --- | --- | --- |\n${
        rows.join("\n")
      }\n`,
    );
  }
  return await formatted(parts.join("\n"));
}

const INTRO =
  'Times are seconds as numbers, or texts with a unit (`"250ms"`, `"30s"`, `"5m"`, `"2h"`, `"1d"`), or `Temporal.Duration`; points in time are `Date`, `Temporal.Instant` or ISO texts; sizes are bytes or texts (`"256MB"`); rates are texts (`"100/m"`, by `s`, `m` or `h`).\n';

async function interfacesOf(
  file: string,
): Promise<ReadonlyMap<string, readonly Property[]>> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--json", file],
    cwd: ROOT,
    stderr: "null",
  }).output();
  const found = new Map<string, readonly Property[]>();
  collect(JSON.parse(new TextDecoder().decode(stdout)), found);
  return found;
}

function collect(node: unknown, found: Map<string, readonly Property[]>): void {
  if (typeof node !== "object" || node === null) return;
  if (Array.isArray(node)) return node.forEach((each) => collect(each, found));
  const { name, declarations } = node as {
    readonly name?: string;
    readonly declarations?: readonly {
      readonly kind: string;
      readonly def?: { readonly properties?: readonly Property[] };
    }[];
  };
  for (const { kind, def } of declarations ?? []) {
    if (kind === "interface" && name !== undefined) {
      found.set(name, def?.properties ?? []);
    }
  }
  Object.values(node).forEach((each) => collect(each, found));
}

function rowOf({ name, jsDoc }: Property): string {
  const text = (jsDoc?.doc ?? "").replaceAll(/\s+/g, " ").trim();
  const tag = jsDoc?.tags?.find(({ kind }) => kind === "default")?.value;
  const [, inline] = /@default \{(.*?)\}\s*$/.exec(text) ?? [];
  const value = (tag ?? inline ?? "").replaceAll(/^\{|\}$/g, "").trim();
  const doc = text.replace(/\s*@default \{.*?\}\s*$/, "")
    .replaceAll(/\{@linkcode ([^}]+)\}/g, "`$1`").replaceAll("|", "\\|");
  return `| \`${name}\` | ${doc} | ${value === "" ? "" : `\`${value}\``} |`;
}

async function formatted(text: string): Promise<string> {
  const process = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--ext", "md", "-"],
    cwd: ROOT,
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const writer = process.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
  const { stdout } = await process.output();
  return new TextDecoder().decode(stdout);
}

if (import.meta.main) {
  await Deno.writeTextFile(TARGET, await settingsDoc());
}
