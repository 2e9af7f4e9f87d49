/**
 * The app that a command is about, and its stores.
 *
 * @module
 */

import { Lovage } from "../app.ts";
import { maskUrl } from "../printable.ts";
import { variablesWithoutEffect } from "../config_sources.ts";
import type { Store } from "../contracts/store.ts";
import { processEnvironment } from "../environment.ts";
import { ConfigError, StoreError } from "../errors.ts";
import { type Internals, internalsOf } from "../internals.ts";
import type { OpenStores } from "../producer/stores.ts";
import { loadApp } from "../runtime/load_app.ts";
import { loadStore } from "../runtime/load_store.ts";
import { environment, mayReadEnvironment } from "../runtime/process.ts";
import { missingStoreFile } from "../runtime/store_file.ts";
import type { Cli } from "./cli.ts";
import { UsageError } from "./errors.ts";
import type { Globals } from "./globals.ts";

/** An app, ready for a command. */
export interface CliApp {
  /** The app. */
  readonly app: Lovage;
  /** Its parts. */
  readonly internals: Internals;
  /** The URL of its module; `null` when only a store was named. */
  readonly module: string | null;
  /** What `--app` named. */
  readonly specifier: string | null;
}

/**
 * The app that was named.
 *
 * @throws {UsageError} when none was
 * @throws {ConfigError} when it cannot be loaded
 */
export async function namedApp({ globals, out }: Cli): Promise<CliApp> {
  const specifier = specifierOf(globals);
  if (specifier === undefined) {
    throw new UsageError(
      "No app was named: give the module that exports it, --app ./tasks.ts, or set LOVAGE_APP",
    );
  }
  const { app, module } = await loadApp(specifier);
  override(app, globals);
  const named = { app, internals: internalsOf(app), module, specifier };
  const warning = warningOf(named, globals);
  if (warning !== null) out.note(`Warning: ${warning}`);
  return named;
}

/**
 * The app that was named or, where only a store was named, an app without
 * tasks over it.
 *
 * @throws {UsageError} when neither was named
 * @throws {ConfigError} when the app cannot be loaded
 */
export async function namedAppOrStore(cli: Cli): Promise<CliApp> {
  const { globals } = cli;
  if (specifierOf(globals) !== undefined) return await namedApp(cli);
  const brokerUrl = globals.broker || environment("LOVAGE_BROKER_URL");
  if (brokerUrl === undefined) {
    throw new UsageError(
      "Neither an app nor a store was named: give --app ./tasks.ts (or LOVAGE_APP), or --broker sqlite://./lovage.db (or LOVAGE_BROKER_URL)",
    );
  }
  const app = new Lovage("lovage-cli", {
    brokerUrl,
    resultBackend: globals.resultBackend ??
      environment("LOVAGE_RESULT_BACKEND"),
  });
  return { app, internals: internalsOf(app), module: null, specifier: null };
}

/**
 * Opens the stores of an app for a command that looks at what is there.
 *
 * @throws {ConfigError} when their URLs will not do, or no other process sees
 * them
 * @throws {StoreError} when there is nothing to look at, or the store cannot
 * be opened
 */
export async function openExisting(
  { internals }: CliApp,
): Promise<OpenStores> {
  await checkShared(internals);
  const { store, brokerUrl } = internals.settings();
  const missing = store === null ? missingStoreFile(brokerUrl) : undefined;
  if (missing !== undefined) {
    throw new StoreError(
      `The store ${
        maskUrl(brokerUrl)
      } does not exist: there is no file ${missing}. Nothing was sent there yet, or it is relative to another directory (--workdir)`,
    );
  }
  return await internals.stores.open();
}

/**
 * The stores of an app, the outbox included, each once; not opened.
 *
 * @throws {ConfigError} when a URL will not do
 */
export async function unopenedStores(
  internals: Internals,
): Promise<readonly Store[]> {
  const { store, brokerUrl, resultBackend, outbox } = internals.settings();
  const apart = resultBackend === brokerUrl ? null : resultBackend;
  const places = [store ?? brokerUrl, apart, outbox];
  const stores: Store[] = [];
  for (const place of new Set(places)) {
    if (place === null) continue;
    stores.push(
      typeof place === "string" ? await storeOf(internals, place) : place,
    );
  }
  return stores;
}

/**
 * Looks at the stores of an app for a command that acts from outside.
 *
 * @throws {ConfigError} when their URLs will not do, or no other process sees
 * them
 */
export async function checkShared(internals: Internals): Promise<void> {
  await checkStores(internals, "no worker would see what this command does");
}

/**
 * Looks at the stores of an app before any is opened: what is wrong with a
 * setting stays wrong, however often a supervisor starts the command again.
 *
 * @param consequence what a store that lives in one process leads to
 * @throws {ConfigError} for a URL that will not do, or a broker that no other
 * process sees
 */
export async function checkStores(
  internals: Internals,
  consequence: string,
): Promise<void> {
  const { store, brokerUrl, resultBackend, outbox } = internals.settings();
  const broker = store ?? await storeOf(internals, brokerUrl);
  if (!broker.capabilities.shared) {
    throw new ConfigError(
      `The store ${broker.address} lives in one process: ${consequence}. Use a store that processes share, such as sqlite://./lovage.db`,
    );
  }
  if (store === null && resultBackend !== brokerUrl) {
    await storeOf(internals, resultBackend);
  }
  if (typeof outbox === "string") await storeOf(internals, outbox);
}

/** The store of a URL; only made, it has nothing to close. */
async function storeOf(internals: Internals, url: string): Promise<Store> {
  try {
    return await loadStore(url, internals.settings().clock);
  } catch (error) {
    if (!(error instanceof StoreError) || error.transient) throw error;
    throw new ConfigError(error.message, { cause: error });
  }
}

function specifierOf({ app }: Globals): string | undefined {
  return app || environment("LOVAGE_APP");
}

/** What is to be said of variables that the app does not take. */
function warningOf(
  { internals, specifier }: CliApp,
  { broker, resultBackend }: Globals,
): string | null {
  if (!mayReadEnvironment()) return null;
  const overridden = new Set([
    broker === undefined ? "" : "LOVAGE_BROKER_URL",
    resultBackend === undefined ? "" : "LOVAGE_RESULT_BACKEND",
  ]);
  const env = processEnvironment();
  const names = variablesWithoutEffect(env, internals.settings())
    .filter((name) => !overridden.has(name));
  if (names.length === 0) return null;
  const [have, them] = names.length === 1 ? ["has", "it"] : ["have", "them"];
  return `${
    names.join(", ")
  } ${have} no effect, since the settings of app "${internals.name}" say otherwise: call app.configFromEnv() after them in ${specifier}, or unset ${them}`;
}

function override(app: Lovage, { broker, resultBackend }: Globals): void {
  if (broker !== undefined) {
    // A store that was passed to the app would win over any URL.
    app.configure({ brokerUrl: broker, store: undefined });
  }
  if (resultBackend !== undefined) app.configure({ resultBackend });
}
