/**
 * Loads the app that a module exports.
 *
 * @module
 */

import { existsSync, statSync } from "node:fs";
import { basename, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Lovage } from "../app.ts";
import { ConfigError } from "../errors.ts";
import { findApp } from "../find_app.ts";
import { isApp } from "../internals.ts";
import { nearest } from "../options.ts";
import { siblingsOf } from "./files.ts";

/** An app and where it came from. */
export interface LoadedApp {
  /** The app. */
  readonly app: Lovage;
  /** The URL of its module. */
  readonly module: string;
}

/**
 * Loads an app.
 *
 * @param specifier a path from the working directory, or a URL
 * @throws {ConfigError} when there is no such module, it cannot be loaded or
 * it exports no app
 */
export async function loadApp(specifier: string): Promise<LoadedApp> {
  const module = moduleUrl(specifier);
  let exported: Record<string, unknown>;
  try {
    exported = await import(module);
  } catch (error) {
    throw new ConfigError(
      `The module ${specifier} cannot be loaded: ${whatFailed(error)}`,
      { cause: error },
    );
  }
  refuseOtherVersions(exported, specifier);
  return { app: findApp(exported, specifier) as Lovage, module };
}

/** A scheme has two letters at least: one alone is a drive of Windows. */
const URL_LIKE = /^[a-z][a-z0-9+.-]+:/i;

function moduleUrl(specifier: string): string {
  if (!URL_LIKE.test(specifier)) return fileUrl(resolve(specifier), specifier);
  if (!specifier.startsWith("file:")) return specifier;
  return fileUrl(fileURLToPath(specifier), specifier);
}

function fileUrl(path: string, specifier: string): string {
  if (!existsSync(path)) {
    const near = nearest(basename(path), siblingsOf(path));
    const hint = near === undefined
      ? "Give the path of the module that exports the app"
      : `Did you mean "${near}"?`;
    throw new ConfigError(
      `There is no module ${specifier} (looked for ${path}). ${hint}`,
    );
  }
  if (statSync(path).isDirectory()) {
    throw new ConfigError(
      `${specifier} is a directory (${path}). Give the path of the module in it that exports the app`,
    );
  }
  return pathToFileURL(path).href;
}

// An app of another copy of this package cannot be run by this one.
function refuseOtherVersions(
  exported: Record<string, unknown>,
  specifier: string,
): void {
  const values = Object.values(exported);
  if (values.some(isApp)) return;
  const looksLikeOne = values.some((value) =>
    (value as object | null | undefined)?.constructor?.name === "Lovage"
  );
  if (looksLikeOne) {
    throw new ConfigError(
      `${specifier} exports an app of another version of @lovage/lovage: the app and this command must be the same version`,
    );
  }
}

function whatFailed(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // Deno says where a module is wrong, or is missing, in colours.
  const message = stripAnsiCode(error.message);
  const place = message.includes("file:") ? "" : placeOf(error);
  return `${error.name}: ${message}${place}`;
}

function stripAnsiCode(text: string): string {
  // deno-lint-ignore no-control-regex -- that is what is looked for
  return text.replaceAll(/\x1b\[[\d;]*m/g, "");
}

/** This package's own frames are not where the mistake is. */
const PACKAGE = new URL("../../", import.meta.url).href;

/** The line of the application at which it was thrown. */
function placeOf(error: unknown): string {
  const stack = error instanceof Error ? error.stack ?? "" : "";
  const places = stack.matchAll(/\bat (?:.*\()?(\w+:\/\/[^\s()]+:\d+:\d+)/g);
  for (const [, place = ""] of places) {
    // From here on it is the command line that loads the module.
    if (place.startsWith(import.meta.url)) break;
    if (!place.startsWith(`${PACKAGE}src/`)) return ` (at ${place})`;
  }
  return "";
}
