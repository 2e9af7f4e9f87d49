import { Lab } from "../_helpers.ts";
import { testCanvases } from "./suite.ts";

testCanvases({
  name: "sqlite",
  config: (stack) => ({ brokerUrl: stack.use(new Lab("sqlite")).url }),
  batch: 15,
  batches: 1,
});
