/**
 * The suites that a store proves itself with, one per port. They bring no
 * test runner and no dependency: a registrar and a factory are all they take.
 *
 * @example A store of one's own
 * ```ts ignore
 * import { testStore } from "@lovage/lovage/conformance";
 * import { myStore } from "./my_store.ts";
 *
 * testStore({
 *   test: (name, fn, skip) =>
 *     Deno.test({ name, fn, ignore: skip !== undefined }),
 *   fresh: () => {
 *     const prefix = crypto.randomUUID();
 *     return { store: (options) => myStore({ ...options, prefix }) };
 *   },
 * });
 * ```
 *
 * @module
 */

import { brokerSuites } from "./broker.ts";
import { busSuite } from "./bus.ts";
import { deadLettersSuite } from "./dead_letters.ts";
import { groupsSuite } from "./groups.ts";
import { type ConformanceOptions, register } from "./harness.ts";
import { historySuite } from "./history.ts";
import { inspectorSuite } from "./inspector.ts";
import { resultBackendSuite } from "./result_backend.ts";
import { schedulerSuite } from "./scheduler.ts";

export type { ConformanceOptions, FreshData } from "./harness.ts";

/** Registers the tests of the broker port. */
export function testBroker(options: ConformanceOptions): void {
  register(brokerSuites, options);
}

/** Registers the tests of the result backend port. */
export function testResultBackend(options: ConformanceOptions): void {
  register([resultBackendSuite], options);
}

/** Registers the tests of the bus port. */
export function testBus(options: ConformanceOptions): void {
  register([busSuite], options);
}

/** Registers the tests of the inspector port. */
export function testInspector(options: ConformanceOptions): void {
  register([inspectorSuite], options);
}

/** Registers the tests of the dead letter port. */
export function testDeadLetters(options: ConformanceOptions): void {
  register([deadLettersSuite], options);
}

/** Registers the tests of groups: of the broker and the result backend. */
export function testGroups(options: ConformanceOptions): void {
  register([groupsSuite], options);
}

/** Registers the tests of the scheduler port. */
export function testScheduler(options: ConformanceOptions): void {
  register([schedulerSuite], options);
}

/** Registers the tests of the history port. */
export function testHistory(options: ConformanceOptions): void {
  register([historySuite], options);
}

/** Registers the tests of all ports. */
export function testStore(options: ConformanceOptions): void {
  register([
    ...brokerSuites,
    resultBackendSuite,
    groupsSuite,
    schedulerSuite,
    busSuite,
    inspectorSuite,
    deadLettersSuite,
    historySuite,
  ], options);
}
