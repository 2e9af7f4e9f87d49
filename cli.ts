/**
 * The command line: workers, calls, results, queues and dead letters.
 *
 * ```sh
 * deno run -A jsr:@lovage/lovage/cli worker --app ./tasks.ts
 * ```
 *
 * @module
 */

import { main } from "./src/cli/main.ts";
import { exitNow, isProgram, programArgs } from "./src/runtime/process.ts";

// The code is given at once: what the app has left open, a timer or a
// connection, must not keep a command that is done.
if (isProgram(import.meta)) exitNow(await main(programArgs()));
