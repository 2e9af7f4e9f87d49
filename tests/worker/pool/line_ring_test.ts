import { assert, assertEquals } from "@std/assert";
import {
  LineReader,
  LineWriter,
  makeLineRing,
} from "../../../src/worker/pool/line_ring.ts";

function ringOf(): { writer: LineWriter; reader: LineReader; bells: number[] } {
  const ring = makeLineRing();
  const bells: number[] = [];
  const writer = new LineWriter(ring, () => bells.push(1));
  return { writer, reader: new LineReader(ring), bells };
}

Deno.test("LineReader.read() returns what was written, and null after it", () => {
  const { writer, reader } = ringOf();
  assertEquals(reader.read(), null);
  assert(writer.write("first"));
  assert(writer.write("second: ä€😀"));
  assertEquals(reader.read(), "first\nsecond: ä€😀");
  assertEquals(reader.read(), null);
});

Deno.test("LineWriter.write() rings once until all is read", () => {
  const { writer, reader, bells } = ringOf();
  for (let i = 0; i < 10; i++) writer.write("line");
  assertEquals(bells.length, 1);
  reader.read();
  writer.write("line");
  assertEquals(bells.length, 2);
});

Deno.test("LineWriter.write() refuses what does not fit, and goes on", () => {
  const { writer, reader } = ringOf();
  assert(!writer.write("x".repeat(70_000)));
  assert(!writer.write("€".repeat(30_000)));
  assert(writer.write("y".repeat(40_000)));
  assert(!writer.write("y".repeat(40_000)));
  assertEquals(reader.read(), "y".repeat(40_000));
  assert(writer.write("y".repeat(40_000)));
  assertEquals(reader.read(), "y".repeat(40_000));
});

Deno.test("LineReader.read() follows lines around the end of the ring", () => {
  const { writer, reader } = ringOf();
  for (let i = 0; i < 5000; i++) {
    const lines = Array.from(
      { length: 1 + i % 7 },
      (_, j) => `${i}.${j} ${"ä€😀x".repeat(i % 50)}`,
    );
    for (const line of lines) assert(writer.write(line));
    assertEquals(reader.read(), lines.join("\n"));
  }
});
