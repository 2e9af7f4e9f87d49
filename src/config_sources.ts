/**
 * Settings that are given otherwise than in code: in a larger application's
 * own configuration, or in environment variables.
 *
 * @module
 */

import type { Config } from "./config.ts";
import type { Environment } from "./environment.ts";
import { unknownOption } from "./options.ts";
import {
  inForce,
  isAccepted,
  SETTING_NAMES,
  type Settings,
} from "./settings.ts";

/**
 * Picks the settings out of an object whose keys bear a prefix, as in a
 * larger application's own configuration: with the namespace `"LOVAGE"`,
 * `LOVAGE_BROKER_URL` and `lovageBrokerUrl` are `brokerUrl`.
 *
 * @throws {ConfigError} for a key with the prefix that names no setting
 */
export function configFromObject(
  source: Readonly<Record<string, unknown>>,
  namespace: string = "",
): Config {
  const prefix = plainName(namespace);
  const byPlainName = new Map(
    SETTING_NAMES.map((name) => [plainName(name), name]),
  );
  const config: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(source)) {
    const plain = plainName(key);
    if (!plain.startsWith(prefix)) continue;
    const rest = plain.slice(prefix.length);
    const name = byPlainName.get(rest);
    if (name === undefined) {
      throw unknownOption("the configuration", key, SETTING_NAMES, rest);
    }
    config[name] = value;
  }
  return config;
}

/**
 * Reads the settings from environment variables: `LOVAGE_BROKER_URL` is
 * `brokerUrl`. Values are text; numbers, `true`, `false`, `null` and lists
 * separated by commas are understood where the setting takes them.
 *
 * @throws {ConfigError} for a variable that names no setting or will not do
 */
export function configFromEnv(
  env: Environment,
  prefix: string = "LOVAGE_",
): Config {
  const own = Object.entries(env).filter(([key, value]) =>
    key.startsWith(prefix) && value !== undefined &&
    !FOR_COMMANDS.has(key.slice(prefix.length))
  );
  const config = configFromObject(Object.fromEntries(own), prefix);
  return Object.fromEntries(
    Object.entries(config).map(([name, text]) => [
      name,
      readText(name as keyof Config, text as string),
    ]),
  );
}

/** Variables that commands read, and no app: they are no settings. */
const FOR_COMMANDS: ReadonlySet<string> = new Set([
  "APP",
  "DASHBOARD_BASIC_AUTH",
  "GATEWAY_TOKENS",
]);

/**
 * The variables that ask for other settings than those in force: an app takes
 * none of them unless its code says so.
 */
export function variablesWithoutEffect(
  env: Environment,
  settings: Settings,
): readonly string[] {
  return SETTING_NAMES.flatMap((name) => {
    const variable = variableOf(name);
    const text = env[variable];
    if (text === undefined || text === "") return [];
    return isInForce(name, text, settings) ? [] : [variable];
  });
}

/** `brokerUrl` is `LOVAGE_BROKER_URL`. */
function variableOf(setting: string): string {
  return `LOVAGE_${setting.replaceAll(/[A-Z]/g, "_$&").toUpperCase()}`;
}

function isInForce(
  name: keyof Config,
  text: string,
  settings: Settings,
): boolean {
  const value = readText(name, text);
  return isAccepted(name, value) &&
    JSON.stringify(inForce(name, value)) ===
      JSON.stringify(settings[name]);
}

/** The first reading of a text that the setting accepts, else the text. */
function readText(name: keyof Config, text: string): unknown {
  const words: Record<string, unknown> = {
    true: true,
    false: false,
    null: null,
  };
  const readings = [
    ...(Object.hasOwn(words, text) ? [words[text]] : []),
    ...(text.trim() !== "" && Number.isFinite(Number(text))
      ? [Number(text)]
      : []),
    text,
    text.split(",").map((part) => part.trim()),
  ];
  const [first = text] = readings.filter((each) => isAccepted(name, each));
  return first;
}

function plainName(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
}
