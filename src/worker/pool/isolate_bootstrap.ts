/**
 * The main module of an isolate, as a `data:` URL.
 *
 * An isolate with narrow permissions may not read files. What a module
 * imports by literals is loaded with it, though, and needs no permission of
 * the isolate; an `import()` of a variable would. So the names of the modules
 * are written into a module that is made for them. Such a module may also
 * import local files when this package itself came from a registry by URL.
 *
 * @module
 */

import { siblingModule } from "./sibling.ts";

/** Makes the main module of an isolate for an application. */
export function isolateBootstrap(module: string, runnerModule: string): URL {
  const [entry, runner, application] = [
    siblingModule("isolate_entry").href,
    runnerModule,
    module,
  ].map((url) => JSON.stringify(url));
  const source = `import { serve } from ${entry};
serve({
  runner: () => import(${runner}),
  application: () => import(${application}),
});
`;
  return new URL(`data:text/javascript,${encodeURIComponent(source)}`);
}
