/**
 * What a host process runs.
 *
 * @module
 */

import {
  ignoreSignals,
  leave,
  ParentProcess,
} from "../../runtime/parent_process.ts";
import { HostMain } from "./host_main.ts";
import { Outbox } from "./outbox.ts";

ignoreSignals();
const parent = new ParentProcess((frame) => host.receive(frame));
const outbox = new Outbox((frame, written) => parent.send(frame, written));
const host = new HostMain((line) => outbox.push(line), leave);
