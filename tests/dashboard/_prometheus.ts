/**
 * Reads Prometheus' text format, and nothing that is not it.
 *
 * @module
 */

/** A metric. */
export interface Metric {
  readonly type: string;
  readonly help: string;
  /** Values by name and sorted labels: `x_sum{a="1"}`. */
  readonly samples: Map<string, number>;
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/y;

/** The metrics of a text; throws for what a strict reader would refuse. */
export function parse(text: string): Map<string, Metric> {
  if (!text.endsWith("\n")) throw new Error("The last line has no end");
  const metrics = new Map<string, Metric>();
  let name = "";
  for (const line of text.slice(0, -1).split("\n")) {
    if (line.startsWith("# HELP ")) {
      const [, , next = "", ...help] = line.split(" ");
      if (!NAME.test(next)) throw new Error(`Not a name: ${line}`);
      if (metrics.has(next)) throw new Error(`Told twice: ${next}`);
      name = next;
      metrics.set(name, {
        type: "",
        help: help.join(" "),
        samples: new Map(),
      });
      continue;
    }
    const metric = metrics.get(name);
    if (metric === undefined) throw new Error(`Of no metric: ${line}`);
    if (line.startsWith("# TYPE ")) {
      const [, , of, type = ""] = line.split(" ");
      if (of !== name) throw new Error(`Not of ${name}: ${line}`);
      if (!/^(counter|gauge|histogram)$/.test(type)) throw new Error(line);
      Object.assign(metric, { type });
      continue;
    }
    const [, sampled = "", labels = "", value = ""] = SAMPLE.exec(line) ?? [];
    const suffix = sampled.slice(name.length);
    const wanted = metric.type === "histogram"
      ? ["_bucket", "_sum", "_count"]
      : [""];
    if (!sampled.startsWith(name) || !wanted.includes(suffix)) {
      throw new Error(`Not a sample of the ${metric.type} ${name}: ${line}`);
    }
    const key = `${sampled}{${labelsIn(labels).sort().join(",")}}`;
    if (metric.samples.has(key)) throw new Error(`Told twice: ${key}`);
    const number = value === "+Inf" ? Infinity : Number(value);
    if (!Number.isFinite(number)) throw new Error(`Not a number: ${line}`);
    metric.samples.set(key, number);
  }
  for (const [name, { type, samples }] of metrics) {
    if (type === "") throw new Error(`${name} has no type`);
    if (type === "histogram") checkHistogram(name, samples);
  }
  return metrics;
}

function labelsIn(text: string): string[] {
  const labels: string[] = [];
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < text.length) {
    const found = LABEL.exec(text);
    if (found === null) throw new Error(`Not labels: ${text}`);
    labels.push(`${found[1]}="${found[2]}"`);
  }
  return labels;
}

/** Buckets grow, and the last one is all. */
function checkHistogram(name: string, samples: Map<string, number>): void {
  const last = new Map<string, number>();
  for (const [key, value] of samples) {
    if (!key.startsWith(`${name}_bucket{`)) continue;
    const of = key.replace(/,?le="[^"]*"/, "").replace("_bucket", "_count")
      .replace("{,", "{");
    if (value < (last.get(of) ?? 0)) throw new Error(`It shrinks: ${key}`);
    last.set(of, value);
    if (key.includes('le="+Inf"') && samples.get(of) !== value) {
      throw new Error(`Not as many as all: ${key}`);
    }
  }
}
