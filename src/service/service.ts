/**
 * One contract for everything that runs in the background: start it, stop it
 * (twice does no harm), know when it has stopped.
 *
 * @module
 */

/** Something that runs until it is stopped. */
export interface Service {
  /** What it is, for logs and errors. */
  readonly name: string;
  /** Starts it; resolves when it works. */
  start(): Promise<void>;
  /** Stops it; resolves when nothing of it runs any more. */
  stop(): Promise<void>;
}

/**
 * Starts services in order. If one fails, those before it are stopped again.
 *
 * @param begin how each is started
 * @throws the error of the service that did not start
 */
export async function startAll(
  services: readonly Service[],
  begin: (service: Service) => Promise<void> = (service) => service.start(),
): Promise<void> {
  const started: Service[] = [];
  try {
    for (const service of services) {
      started.push(service);
      await begin(service);
    }
  } catch (error) {
    await stopAll(started).catch(() => {});
    throw error;
  }
}

/**
 * Stops services in reverse order, all of them, whatever fails.
 *
 * @throws {AggregateError} with all that failed
 */
export async function stopAll(services: readonly Service[]): Promise<void> {
  const errors: unknown[] = [];
  for (const service of services.toReversed()) {
    await service.stop().catch((error) => errors.push(error));
  }
  if (errors.length > 0) {
    throw new AggregateError(errors, "Some services did not stop cleanly");
  }
}
