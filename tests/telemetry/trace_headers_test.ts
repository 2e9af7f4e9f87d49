import { ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { carriedBy, linksTo } from "../../src/telemetry/trace_headers.ts";

Deno.test("headers that carry no trace carry none, whatever they are", () => {
  fc.assert(fc.property(
    fc.option(
      fc.record({
        traceparent: fc.anything(),
        tracestate: fc.anything(),
        baggage: fc.anything(),
      }, { requiredKeys: [] }),
      { nil: undefined },
    ),
    (headers) => {
      const { context, sampled } = carriedBy(headers);
      assertEquals(trace.getSpanContext(context), undefined);
      assertEquals(sampled, undefined);
    },
  ));
});

Deno.test("links are made to what is a traceparent", () => {
  const hex = (length: number) =>
    fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`));
  fc.assert(fc.property(hex(32), hex(16), hex(2), (traceId, spanId, flags) => {
    const none = /^0+$/.test(traceId) || /^0+$/.test(spanId);
    const traceFlags = parseInt(flags, 16) & 1;
    assertEquals(
      linksTo([`00-${traceId}-${spanId}-${flags}`]),
      none
        ? []
        : [{ context: { traceId, spanId, traceFlags, isRemote: true } }],
    );
  }));
  for (
    const text of [
      "",
      `00-${"0".repeat(32)}-${"1".repeat(16)}-01`,
      `00-${"1".repeat(32)}-${"0".repeat(16)}-01`,
      `00-${"A".repeat(32)}-${"1".repeat(16)}-01`,
      `01-${"1".repeat(32)}-${"1".repeat(16)}-01`,
    ]
  ) {
    assertEquals(linksTo([text]), [], text);
  }
  assertEquals(trace.getSpanContext(ROOT_CONTEXT), undefined);
});
