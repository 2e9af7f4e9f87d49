/**
 * A collector that counts what OpenTelemetry exports, and keeps nothing.
 *
 * @module
 */

/** Takes OTLP as protobuf over HTTP. */
export class CountingCollector implements AsyncDisposable {
  /** Spans that arrived. */
  spans = 0;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor() {
    this.#server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen: () => {} },
      async (request) => {
        const body = new Uint8Array(await request.arrayBuffer());
        if (request.url.endsWith("/v1/traces")) this.spans += spansIn(body);
        return new Response(new Uint8Array(), {
          headers: { "content-type": "application/x-protobuf" },
        });
      },
    );
  }

  /** What makes a process of Deno export to it. */
  get env(): Record<string, string> {
    return {
      OTEL_DENO: "true",
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${this.#server.addr.port}`,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

/** resource_spans = 1, in it scope_spans = 2, in it spans = 2. */
function spansIn(body: Uint8Array): number {
  let count = 0;
  for (const resource of fields(body, 1)) {
    for (const scope of fields(resource, 2)) {
      for (const _ of fields(scope, 2)) count++;
    }
  }
  return count;
}

/** The messages in a message that have this number. */
function* fields(body: Uint8Array, wanted: number): Generator<Uint8Array> {
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 1;; shift *= 128) {
      const byte = body[at++] ?? 0;
      value += (byte & 127) * shift;
      if (byte < 128) return value;
    }
  };
  while (at < body.length) {
    const tag = varint();
    // Everything at these levels has a length.
    const end = varint() + at;
    if (tag >> 3 === wanted) yield body.subarray(at, end);
    at = end;
  }
}
