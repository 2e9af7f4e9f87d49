import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { PassingMap } from "../../../src/worker/pool/passing_map.ts";

Deno.test("a passing map holds what a map would, whatever stays behind", () => {
  // How far the keys leap, and which of those held is taken out then.
  const steps = fc.array(
    fc.tuple(
      fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 9_000 })),
      fc.option(fc.nat()),
    ),
    { maxLength: 200 },
  );
  fc.assert(fc.property(steps, (all) => {
    const passing = new PassingMap<string>();
    const model = new Map<number, string>();
    let key = 0;
    for (const [leap, taken] of all) {
      key += leap;
      passing.add(key, `value ${key}`);
      model.set(key, `value ${key}`);
      if (taken !== null) {
        const which = [...model.keys()][taken % model.size] as number;
        assertEquals(passing.take(which), model.get(which));
        model.delete(which);
        assertEquals(passing.take(which), undefined);
      }
      assertEquals(passing.size, model.size);
    }
    assertEquals(passing.keys(), [...model.keys()]);
    assertEquals(passing.values(), [...model.values()]);
    assertEquals(passing.get(key + 1), undefined);
  }));
});
