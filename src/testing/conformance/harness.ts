/**
 * What the suites are made of: named cases, each run against fresh data.
 *
 * @module
 */

import type { Store, StoreOptions } from "../../contracts/mod.ts";
import { FakeClock } from "../fake_clock.ts";

/** Data that nobody else uses, and stores over it. */
export interface FreshData {
  /**
   * Makes a store over these data; the suite opens and closes it. Called more
   * than once within a test, for stores that share the data as several
   * processes would.
   */
  store(options: StoreOptions): Store;
  /** Removes the data, after all stores were closed. */
  dispose?(): void | Promise<void>;
}

/** What every suite takes. */
export interface ConformanceOptions {
  /**
   * Registers a test with the test runner. With `skip`, the reason why this
   * store cannot pass, the test is to be reported as ignored.
   *
   * @example
   * ```ts ignore
   * (name, fn, skip) => Deno.test({ name, fn, ignore: skip !== undefined })
   * ```
   */
  readonly test: (
    name: string,
    fn: () => Promise<void>,
    skip?: string,
  ) => void;
  /** Makes data for one test. */
  readonly fresh: () => FreshData | Promise<FreshData>;
  /**
   * The promises that this store does not keep: the name of the test, or of a
   * suite, and the reason. A name that neither has is refused, so that the
   * list stays true.
   */
  readonly skip?: Readonly<Record<string, string>> | undefined;
}

/** What a case is run with. */
export interface CaseContext {
  /** An open store. */
  readonly store: Store;
  /** The clock of all stores of this case. */
  readonly clock: FakeClock;
  /** Opens one more store over the same data. */
  another(): Promise<Store>;
}

/** One promise of a port, and how it is tried. */
export interface ConformanceCase {
  /** What is promised; the suite's name is put in front. */
  readonly name: string;
  /** Throws unless the promise is kept. */
  run(context: CaseContext): Promise<void>;
}

/** The cases of one port. */
export interface Suite {
  /** The port. */
  readonly name: string;
  /** What it promises. */
  readonly cases: readonly ConformanceCase[];
}

/** Registers suites with the test runner. */
export function register(
  suites: readonly Suite[],
  options: ConformanceOptions,
): void {
  const { test, skip = {} } = options;
  const unknown = new Set(Object.keys(skip));
  for (const suite of suites) {
    unknown.delete(suite.name);
    for (const one of suite.cases) {
      const name = `${suite.name}: ${one.name}`;
      unknown.delete(name);
      test(name, () => runCase(one, options), skip[name] ?? skip[suite.name]);
    }
  }
  for (const name of unknown) {
    throw new TypeError(
      `No conformance test is called "${name}": remove it from \`skip\` or ` +
        "correct its name",
    );
  }
}

async function runCase(
  { run }: ConformanceCase,
  { fresh }: ConformanceOptions,
): Promise<void> {
  const clock = new FakeClock();
  const data = await fresh();
  const open: Store[] = [];
  const another = async (): Promise<Store> => {
    const store = data.store({ clock });
    await store.open();
    open.push(store);
    return store;
  };
  try {
    await run({ store: await another(), clock, another });
  } finally {
    for (const store of open.reverse()) await store.close();
    await data.dispose?.();
  }
}
