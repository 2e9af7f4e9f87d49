/**
 * The flags with which a child process may do what this one may do.
 *
 * @module
 */

import { existsSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { isDeno } from "./process.ts";

const PERMISSIONS = [
  "read",
  "write",
  "net",
  "env",
  "run",
  "sys",
  "ffi",
  "import",
] as const;

/**
 * The flags of `deno run` for a child that runs an application.
 *
 * A permission that this process has only in part (`--allow-net=a.example`)
 * cannot be read back, so the child does not get it; only for reading the
 * folders that its modules are in can be asked for.
 *
 * @param module a file of the application, whose configuration is to apply
 */
export function inheritedFlags(module: URL): string[] {
  if (!isDeno()) return nodeFlags();
  const granted = PERMISSIONS.filter((name) => isGranted({ name }));
  const flags = granted.length === PERMISSIONS.length
    ? ["--allow-all"]
    : granted.map((name) => `--allow-${name}`);
  const config = configOf(module);
  if (config !== null) flags.push(`--config=${config}`);
  if (!granted.includes("read")) {
    const folders = [module, new URL("../../", import.meta.url)]
      .filter(({ protocol }) => protocol === "file:")
      .map((url) => fileURLToPath(new URL(".", url)))
      .concat(process.cwd())
      .filter((path) => isGranted({ name: "read", path }));
    if (folders.length > 0) flags.push(`--allow-read=${folders.join(",")}`);
  }
  return [...flags, "--no-prompt"];
}

/** What loads TypeScript, for example: `node --import tsx`. */
function nodeFlags(): string[] {
  const { execArgv } = process;
  const isEval = (flag: string) => /^(-\w*[ep]|--eval|--print)$/.test(flag);
  // A debugger listens on one port, and a text that is run has no file.
  return execArgv.filter((flag, at) =>
    !flag.startsWith("--inspect") && !isEval(flag) &&
    !isEval(execArgv[at - 1] ?? "")
  );
}

function isGranted(
  descriptor: { name: typeof PERMISSIONS[number]; path?: string },
): boolean {
  const { state, partial } = Deno.permissions.querySync(
    descriptor as Deno.PermissionDescriptor,
  );
  return state === "granted" && !partial;
}

/** Finds the nearest `deno.json` above a module. */
function configOf(module: URL): string | null {
  if (module.protocol !== "file:") return null;
  let folder = new URL(".", module);
  while (true) {
    for (const name of ["deno.json", "deno.jsonc"]) {
      const path = fileURLToPath(new URL(name, folder));
      if (isFile(path)) return path;
    }
    const parent = new URL("..", folder);
    if (parent.href === folder.href) return null;
    folder = parent;
  }
}

function isFile(path: string): boolean {
  try {
    return existsSync(path);
  } catch {
    // Not allowed to look there.
    return false;
  }
}
