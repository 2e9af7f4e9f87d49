/**
 * Prometheus' text format. The libraries for it count in their own process;
 * what is told here was counted by workers, and comes ready from the store.
 *
 * @module
 */

/** The labels of a sample. */
export type Labels = Readonly<Record<string, string>>;

/** A value, and of what it is. */
export type Sample = readonly [labels: Labels, value: number];

/** A histogram as it was counted. */
export interface HistogramSample {
  /** Of whom. */
  readonly labels: Labels;
  /** The upper bounds of the buckets, in the unit of the metric. */
  readonly bounds: readonly number[];
  /** How many fell into each; one more is above all bounds. */
  readonly counts: readonly number[];
  /** The sum of all. */
  readonly sum: number;
}

/** Writes metrics, one after the other. */
export class Exposition {
  readonly #lines: string[] = [];

  /** A counter or gauge, and its samples. */
  add(
    name: string,
    type: "counter" | "gauge",
    help: string,
    samples: readonly Sample[],
  ): void {
    this.#head(name, type, help);
    for (const [labels, value] of samples) {
      this.#lines.push(`${name}${textOf(labels)} ${value}`);
    }
  }

  /** A histogram. */
  histogram(
    name: string,
    help: string,
    samples: readonly HistogramSample[],
  ): void {
    this.#head(name, "histogram", help);
    for (const { labels, bounds, counts, sum } of samples) {
      let total = 0;
      for (const [at, count] of counts.entries()) {
        total += count;
        const le = bounds[at] === undefined ? "+Inf" : String(bounds[at]);
        this.#lines.push(`${name}_bucket${textOf({ ...labels, le })} ${total}`);
      }
      this.#lines.push(`${name}_sum${textOf(labels)} ${sum}`);
      this.#lines.push(`${name}_count${textOf(labels)} ${total}`);
    }
  }

  /** All of it. */
  toString(): string {
    return this.#lines.join("\n") + "\n";
  }

  #head(name: string, type: string, help: string): void {
    const text = help.replace(/\\/g, "\\\\").replace(/\n/g, "\\n");
    this.#lines.push(`# HELP ${name} ${text}`, `# TYPE ${name} ${type}`);
  }
}

function textOf(labels: Labels): string {
  const all = Object.entries(labels).map(([name, value]) =>
    `${name}="${
      value.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n")
    }"`
  );
  return all.length === 0 ? "" : `{${all.join(",")}}`;
}
