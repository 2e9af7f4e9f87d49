import { testCanvases } from "./suite.ts";

const config = () => ({ brokerUrl: `memory://${crypto.randomUUID()}` });

testCanvases({ name: "memory", config, batch: 10, batches: 6 });

testCanvases({ name: "eager", config, batch: 10, batches: 6, eager: true });
