/**
 * What holds for canvases on every store.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type { Config, Lovage } from "@lovage/lovage";
import fc from "fast-check";
import { shapes } from "./arbitraries.ts";
import { compareAll, type Compared, sendAll } from "./comparison.ts";
import { canvasApp } from "./fixtures/canvas_app.ts";
import type { Shape } from "./reference.ts";
import { SHAPES, WAITING_SHAPES } from "./shapes.ts";
import { searchedBriefly } from "../_properties.ts";

/** Where canvases run, and how many random ones. */
export interface CanvasSuite {
  /** For the names of the tests. */
  readonly name: string;
  /** Why it cannot be tested here. */
  readonly reason?: string | undefined;
  /** Empty stores, and what is to be disposed of after them. */
  config(stack: AsyncDisposableStack): Promise<Config> | Config;
  /** How many random canvases are sent at once. */
  readonly batch: number;
  /** How many times. */
  readonly batches: number;
  /** Whether they run at the call. */
  readonly eager?: boolean | undefined;
}

/** Registers the tests. */
export function testCanvases(suite: CanvasSuite): void {
  const { name, reason, batch, batches, eager = false } = suite;
  const test = (
    what: string,
    run: (place: Place, t: Deno.TestContext) => Promise<void>,
  ) =>
    Deno.test({
      name: `${name}: ${what}${
        reason === undefined ? "" : ` (skipped: ${reason})`
      }`,
      ignore: reason !== undefined,
      fn: async (t) => {
        await using stack = new AsyncDisposableStack();
        await using place = await Place.of(await suite.config(stack), eager);
        await run(place, t);
      },
    });

  test("canvases come to what the reference says", async (place, t) => {
    const named = Object.entries(
      eager ? SHAPES : { ...SHAPES, ...WAITING_SHAPES },
    );
    const all = await place.compare(named.map(([, shape]) => shape));
    for (const [at, [name]] of named.entries()) {
      await t.step(name, () => {
        assertEquals(all[at]?.actual, all[at]?.expected);
      });
    }
  });

  test("so do random canvases", async (place) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(shapes, { minLength: batch, maxLength: batch }),
        searchedBriefly(async (list) => {
          for (const each of await place.compare(list)) {
            const said = JSON.stringify(each.shape);
            assertEquals(each.actual, each.expected, said);
          }
        }),
      ),
      { numRuns: batches },
    );
  });
}

/** An app with a worker, and how often its tasks have run. */
class Place implements AsyncDisposable {
  readonly #app: Lovage;
  readonly #runs: Map<string, number>;

  static async of(config: Config, eager: boolean): Promise<Place> {
    const runs = new Map<string, number>();
    const app = canvasApp(
      eager
        ? { ...config, taskAlwaysEager: true, taskStoreEagerResult: true }
        : config,
      (label) => runs.set(label, (runs.get(label) ?? 0) + 1),
    );
    if (!eager) await app.worker({ pool: "async", concurrency: 20 });
    return new Place(app, runs);
  }

  private constructor(app: Lovage, runs: Map<string, number>) {
    this.#app = app;
    this.#runs = runs;
  }

  /** Sends canvases and says what became of each. */
  async compare(list: readonly Shape[]): Promise<readonly Compared[]> {
    const canvases = await sendAll(this.#app, list);
    return await compareAll(this.#app, canvases, this.#runs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#app.close();
  }
}
