/**
 * The environment variables that settings are read from.
 *
 * @module
 */

/** Variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

let provided: Environment | null = null;

/**
 * Stands in for the variables of the process: an isolate without the
 * permission to read them still knows the app's settings.
 */
export function provideEnvironment(environment: Environment): void {
  provided = environment;
}

/** The variables of the process, or what stands in for them. */
export function processEnvironment(): Environment {
  if (provided !== null) return provided;
  const host = globalThis as { process?: { env?: Environment } };
  return host.process?.env ?? {};
}

// Where the stores are is for the worker to know, and may hold a password.
const SECRET = new Set(["LOVAGE_BROKER_URL", "LOVAGE_RESULT_BACKEND"]);

/** Lovage's own variables, without those that may hold secrets. */
export function settingsEnvironment(): Record<string, string> {
  try {
    return Object.fromEntries(
      Object.entries(processEnvironment()).flatMap(([name, value]) =>
        name.startsWith("LOVAGE_") && !SECRET.has(name) && value !== undefined
          ? [[name, value]]
          : []
      ),
    );
  } catch {
    // This process itself may not read them.
    return {};
  }
}
