/**
 * Whether anybody takes what OpenTelemetry's API is told.
 *
 * @module
 */

import {
  createNoopMeter,
  metrics,
  ProxyTracerProvider,
  trace,
} from "@opentelemetry/api";

/** To ask costs something; while nobody is there, it is asked now and then. */
const EVERY = 256;

/** Looks for a provider of traces or metrics. */
export class Registration {
  #isThere = false;
  #asked = 0;

  /** Whether there is one; what is there stays. */
  get isThere(): boolean {
    if (this.#isThere) return true;
    if (this.#asked++ % EVERY === 0) this.#isThere = isRegistered();
    return this.#isThere;
  }
}

function isRegistered(): boolean {
  const provider = trace.getTracerProvider();
  return !(provider instanceof ProxyTracerProvider) ||
    provider.getDelegateTracer("@lovage/lovage") !== undefined ||
    metrics.getMeter("@lovage/lovage") !== createNoopMeter();
}
