/**
 * The results of a chord's header: they lie in the result backend, and the
 * body fetches them page by page when it is to run.
 *
 * @module
 */

import type { ResultRecord } from "../contracts/result_backend.ts";
import { ChordError } from "../errors.ts";
import type { Internals } from "../internals.ts";
import type { HeaderRef } from "../message/envelope.ts";
import { decodeError } from "../message/error_codec.ts";
import { headerMember } from "../message/ids.ts";
import { decode } from "../message/json_codec.ts";
import { decodeMeta } from "../message/result_meta.ts";

/** How many results one call fetches. */
const PAGE = 1_000;
/** As many links as a span holds, unless OpenTelemetry is told otherwise. */
const MOST_TRACES = 128;

/** What runs where. */
interface Surroundings {
  /** Results that are not in the backend, as those of eager calls. */
  readonly known?: ReadonlyMap<string, ResultRecord> | undefined;
}

/** What a chord's body takes. */
export interface Header {
  /** The results of all members, in their order. */
  readonly values: readonly unknown[];
  /** The runs of members that are traced; the first of them. */
  readonly traces: readonly string[];
}

/**
 * What the members of a header came to.
 *
 * @throws {ChordError} naming a member that has failed, and its error
 */
export async function loadHeader(
  app: Internals,
  header: HeaderRef,
  { known }: Surroundings,
): Promise<Header> {
  const results = new HeaderResults(app, known);
  const { size } = header;
  for (let from = 0; from < size; from += PAGE) {
    const count = Math.min(PAGE, size - from);
    await results.take(
      Array.from({ length: count }, (_, at) => headerMember(header, from + at)),
    );
  }
  return await results.finish();
}

/** Results that are fetched page by page. */
class HeaderResults {
  readonly #app: Internals;
  readonly #known: ReadonlyMap<string, ResultRecord> | undefined;
  readonly #values: unknown[] = [];
  /** What members have added to the header. */
  readonly #added: string[] = [];
  readonly #traces: string[] = [];
  #missing: string | undefined;

  constructor(app: Internals, known: Surroundings["known"]) {
    this.#app = app;
    this.#known = known;
  }

  /** Takes the results of these tasks. */
  async take(ids: readonly string[]): Promise<void> {
    const records = this.#known === undefined
      ? await fetchRecords(this.#app, ids)
      : ids.map((id) => this.#known?.get(id));
    for (const [at, record] of records.entries()) {
      if (record?.ended !== true) this.#missing ??= ids[at];
      else if (record.state !== "SUCCESS") throw memberFailed(record);
      else this.#add(record);
    }
  }

  /** All of them, those that were added at the end. */
  async finish(): Promise<Header> {
    for (let from = 0; from < this.#added.length; from += PAGE) {
      await this.take(this.#added.slice(from, from + PAGE));
    }
    if (this.#missing === undefined) {
      return { values: this.#values, traces: this.#traces };
    }
    throw new ChordError(
      `Member ${this.#missing} of the chord's header has no result: it was never sent, as its sender ended, or was forgotten, or has expired`,
    );
  }

  #add({ value, meta }: ResultRecord): void {
    this.#values.push(value === null ? undefined : decode(value));
    // Most have added nothing: they need not be read.
    if (meta.includes('"added"')) {
      this.#added.push(...decodeMeta(meta).added ?? []);
    }
    if (this.#traces.length < MOST_TRACES && meta.includes('"trace":"')) {
      this.#traces.push(decodeMeta(meta).trace ?? "");
    }
  }
}

async function fetchRecords(
  app: Internals,
  ids: readonly string[],
): Promise<readonly (ResultRecord | undefined)[]> {
  const { backend } = await app.stores.open();
  return await backend.results.fetch(ids);
}

function memberFailed({ id, task, state, error }: ResultRecord): ChordError {
  const cause = error === null ? undefined : decodeError(error);
  const why = cause === undefined ? state : `${cause.name}: ${cause.message}`;
  return new ChordError(
    `Member "${task}" (${id}) of the chord's header ended as ${state}: ${why}`,
    { cause },
  );
}
