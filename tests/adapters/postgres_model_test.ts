import { checkAgainstModel } from "./fixtures/model.ts";
import { newSchema, postgresSuite } from "./fixtures/postgres_suite.ts";

const test = postgresSuite();

test("the store does what the memory store does", ({ open }) =>
  checkAgainstModel(
    (clock) => open({ clock, schema: newSchema(), max: 2 }),
    40,
  ));
