/**
 * Who may import whom: a plugin for `deno lint`.
 *
 * Every file belongs to a room. A room imports its own files and those of the
 * rooms listed for it, and nothing else; some only lazily, by `import()`, so
 * that bundles and start-up stay free of what is not used. Only
 * `src/runtime` may name `Deno` or `node:`, and only `src/cli` and
 * `src/runtime` write to the console.
 *
 * Not seen: the type reference `import("…").T`, which deno does not show to
 * plugins.
 *
 * @module
 */

/** Which rooms a room may import. */
interface Room {
  /** Rooms that it may import in any way. */
  readonly allowed: readonly string[];
  /** Rooms that it may import by `import()` or as types only. */
  readonly lazy?: readonly string[];
}

const BASE = ["src/contracts", "src/errors", "src/message"];
/** The vocabulary: the files directly in `src`, `errors.ts` aside. */
const CORE = [...BASE, "src/service", "src/telemetry", "src"];
const STORE: Room = { allowed: ["src/contracts", "src/errors"] };
const SQL_STORE: Room = { allowed: [...STORE.allowed, "adapters/_sql"] };
const NET = "adapters/_net";
const LEASE = "adapters/_lease";
const ADAPTERS = ["memory", "sqlite", "redis", "postgres", "gateway"]
  .map((name) => `adapters/${name}`);

/** The rooms with rules. A file elsewhere (tests, bench) imports anything. */
const ROOMS: Readonly<Record<string, Room>> = {
  "src/contracts": { allowed: [] },
  "src/errors": { allowed: [] },
  "src/message": { allowed: ["src/contracts", "src/errors"] },
  "src/service": { allowed: ["src/contracts", "src/errors"] },
  "src/telemetry": { allowed: [...BASE, "src/service", "src"] },
  "src": {
    allowed: [
      ...CORE,
      "src/producer",
      "src/canvas",
      "src/schedules",
      "src/control",
    ],
    lazy: ["src/runtime", "src/worker", "src/beat"],
  },
  "src/producer": { allowed: CORE },
  "src/canvas": { allowed: [...CORE, "src/producer"] },
  "src/schedules": { allowed: [...CORE, "src/producer"] },
  "src/control": { allowed: [...CORE, "src/producer"] },
  "src/worker": {
    allowed: [
      ...CORE,
      "src/producer",
      "src/canvas",
      "src/control",
      "src/runtime",
    ],
  },
  "src/beat": {
    allowed: [
      ...CORE,
      "src/producer",
      "src/canvas",
      "src/schedules",
      "src/control",
    ],
  },
  "src/dashboard": {
    allowed: [
      ...CORE,
      "src/producer",
      "src/canvas",
      "src/schedules",
      "src/control",
      "src/worker",
      "src/beat",
    ],
  },
  "src/sentry": { allowed: [...CORE, "src/schedules"] },
  "src/gateway": {
    allowed: [...CORE, "src/producer", "src/canvas", "adapters/gateway"],
  },
  "src/runtime": { allowed: [...BASE, "src/service", "src"], lazy: ADAPTERS },
  "src/cli": {
    allowed: [
      ...CORE,
      "src/producer",
      "src/canvas",
      "src/schedules",
      "src/control",
      "src/worker",
      "src/beat",
      "src/dashboard",
      "src/gateway",
      "src/runtime",
    ],
    lazy: ADAPTERS,
  },
  "src/testing": {
    allowed: [
      ...CORE,
      "src/producer",
      "src/canvas",
      "src/schedules",
      "src/control",
      "src/worker",
      "src/beat",
      "adapters/memory",
    ],
  },
  "mod.ts": {
    allowed: [
      ...CORE,
      "src/producer",
      "src/canvas",
      "src/schedules",
      "src/control",
      "src/worker",
      "src/beat",
    ],
  },
  "adapters/_sql": STORE,
  "adapters/_net": { allowed: [] },
  "adapters/_lease": STORE,
  "adapters/memory": STORE,
  "adapters/sqlite": SQL_STORE,
  "adapters/redis": { allowed: [...STORE.allowed, NET, LEASE] },
  "adapters/postgres": { allowed: [...SQL_STORE.allowed, NET, LEASE] },
  "adapters/gateway": STORE,
  "examples": { allowed: ["mod.ts"] },
};

/** Who may name the runtime, and how. The first prefix that fits counts. */
const RUNTIME_NAMES: readonly (readonly [string, "all" | "node" | "none"])[] = [
  ["src/runtime/", "all"],
  ["src/worker/pool/host_entry.ts", "all"],
  ["src/worker/pool/isolate_entry.ts", "all"],
  ["adapters/sqlite/", "node"],
  ["adapters/_net/", "node"],
  ["src/", "none"],
  ["adapters/", "none"],
  ["mod.ts", "none"],
];

const PACKAGE = "@lovage/lovage";
const ROOT = new URL("../", import.meta.url).pathname;

/** The path from the root of the repository; `null` for files outside. */
function fromRoot(filename: string): string | null {
  const path = filename.replaceAll("\\", "/");
  if (path.startsWith(ROOT)) return path.slice(ROOT.length);
  return path.startsWith("/") ? null : path;
}

/** The room of a file, by its path from the root. */
function roomOf(path: string): string {
  if (path === "mod.ts") return path;
  const [top = "", second = ""] = path.split("/");
  if (top !== "src" && top !== "adapters") return top;
  if (path === "src/errors.ts") return "src/errors";
  return second.endsWith(".ts") ? top : `${top}/${second}`;
}

/**
 * Where an import leads: a path from the root, or `null` when it leaves the
 * repository (a package).
 */
function resolve(specifier: string, path: string): string | null {
  if (specifier === PACKAGE) return "mod.ts";
  if (specifier.startsWith(`${PACKAGE}/`)) {
    return `mod.ts/${specifier.slice(PACKAGE.length + 1)}`;
  }
  if (specifier === "@std/assert") return "_tools/assert.ts";
  if (!/^\.{0,2}\//.test(specifier)) return null;
  // A base with room above it, so that `..` past the root does not vanish.
  const base = `file:///above/root/${path}`;
  return new URL(specifier, base).pathname.replace(/^\/above\/root\//, "");
}

/** What is wrong with an import; `undefined` when nothing is. */
function complaint(
  path: string,
  specifier: string,
  lazy: boolean,
): string | undefined {
  const from = roomOf(path);
  const room = ROOMS[from];
  if (room === undefined) return undefined;
  const target = resolve(specifier, path);
  if (target === null) {
    return from === "src/contracts" && !specifier.startsWith("node:")
      ? `Cannot import "${specifier}" from "${from}": it imports nothing`
      : undefined;
  }
  const to = target.startsWith("mod.ts/") ? "mod.ts" : roomOf(target);
  if (from === "examples") {
    if (to === "examples" || specifier.startsWith(PACKAGE)) return undefined;
    return `Cannot import "${target}" from "examples": ` +
      `allowed are the public specifiers, "${PACKAGE}" and "${PACKAGE}/…"`;
  }
  if (to === from || room.allowed.includes(to)) return undefined;
  if (room.lazy?.includes(to)) {
    return lazy
      ? undefined
      : `Cannot import "${to}" from "${from}" at load time: use import()`;
  }
  return `Cannot import "${to}" from "${from}": ${listed(room)}`;
}

function listed(room: Room): string {
  const names = [
    ...room.allowed.map((name) => `"${name}"`),
    ...(room.lazy ?? []).map((name) => `"${name}" by import()`),
  ];
  return names.length === 0
    ? "it imports nothing"
    : `allowed are ${names.join(", ")}`;
}

/** Which of the runtime's names a file may use. */
function runtimeNames(path: string): "all" | "node" | "none" {
  const found = RUNTIME_NAMES.find(([prefix]) => path.startsWith(prefix));
  return found?.[1] ?? "all";
}

const MOVE = 'move it to "src/runtime", the only room that may';

/** Reports imports against the direction of the rooms. */
const direction: Deno.lint.Rule = {
  create(context) {
    const path = fromRoot(context.filename);
    if (path === null) return {};
    const check = (
      node: Deno.lint.Node,
      source: Deno.lint.Node | null | undefined,
      lazy = false,
    ): void => {
      if (source?.type !== "Literal") return;
      if (typeof source.value !== "string") return;
      const message = complaint(path, source.value, lazy);
      if (message !== undefined) context.report({ node, message });
    };
    return {
      // A type loads nothing: what may be imported lazily may be named.
      ImportDeclaration: (node) =>
        check(node, node.source, node.importKind === "type"),
      ExportNamedDeclaration: (node) =>
        check(node, node.source, node.exportKind === "type"),
      ExportAllDeclaration: (node) =>
        check(node, node.source, node.exportKind === "type"),
      ImportExpression: (node) => check(node, node.source, true),
    };
  },
};

/** Reports `Deno` and `node:` outside of the room for them. */
const runtime: Deno.lint.Rule = {
  create(context) {
    const path = fromRoot(context.filename);
    const names = path === null ? "all" : runtimeNames(path);
    if (names === "all") return {};
    const checkSource = (
      node: Deno.lint.Node,
      source: Deno.lint.Node | null | undefined,
    ): void => {
      if (names === "node" || source?.type !== "Literal") return;
      if (!String(source.value).startsWith("node:")) return;
      context.report({ node, message: `Cannot name "node:" here: ${MOVE}` });
    };
    return {
      ImportDeclaration: (node) => checkSource(node, node.source),
      ExportNamedDeclaration: (node) => checkSource(node, node.source),
      ExportAllDeclaration: (node) => checkSource(node, node.source),
      ImportExpression: (node) => checkSource(node, node.source),
      Identifier(node) {
        if (node.name !== "Deno") return;
        context.report({ node, message: `Cannot name "Deno" here: ${MOVE}` });
      },
    };
  },
};

/** Reports `!` in the library: a wrong guess would surface far from here. */
const certain: Deno.lint.Rule = {
  create(context) {
    const path = fromRoot(context.filename);
    if (path === null || !/^(src|adapters)\//.test(path)) return {};
    return {
      TSNonNullExpression(node) {
        const message = "Cannot assert with ! here: check, or say why with as";
        context.report({ node, message });
      },
    };
  },
};

/** Reports `console` in the library: it logs by its logger. */
const quiet: Deno.lint.Rule = {
  create(context) {
    const path = fromRoot(context.filename);
    if (path === null || !/^(src|adapters)\//.test(path)) return {};
    if (/^src\/(cli|runtime)\//.test(path)) return {};
    if (runtimeNames(path) === "all") return {};
    return {
      "MemberExpression[object.name='console']"(node: Deno.lint.Node) {
        const message = "Cannot write to the console here: use the logger";
        context.report({ node, message });
      },
    };
  },
};

/** The plugin. */
const plugin: Deno.lint.Plugin = {
  name: "layers",
  rules: { direction, runtime, certain, quiet },
};

// `deno lint` takes a plugin as the default export only.
export default plugin;
