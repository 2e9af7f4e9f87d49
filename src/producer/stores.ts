/**
 * The stores of an app: loaded and opened once, on first use, closed once.
 *
 * @module
 */

import type { Clock } from "../contracts/clock.ts";
import type { Store } from "../contracts/store.ts";
import { StoreError } from "../errors.ts";
import { maskUrl } from "../printable.ts";
import type { Settings } from "../settings.ts";

/** Opened stores, ready for use. */
export interface OpenStores {
  /** Where tasks wait. */
  readonly broker: Store;
  /** Where results are kept. */
  readonly backend: Store;
  /** Whether a settlement and its result are one atomic step. */
  readonly atomic: boolean;
}

/**
 * Makes a store for a URL. Without a clock it goes by the system's, or by that
 * of its server.
 */
export type LoadStore = (url: string, clock: Clock | null) => Promise<Store>;

/** Opens the stores of an app when they are first needed. */
export class Stores {
  readonly #settings: () => Settings;
  readonly #load: LoadStore;
  #opening: Promise<OpenStores> | null = null;
  #open: OpenStores | null = null;
  #given: Store | null = null;

  /** Nothing is opened yet. */
  constructor(settings: () => Settings, load: LoadStore) {
    this.#settings = settings;
    this.#load = load;
  }

  /** The opened stores, if they are open already. */
  get opened(): OpenStores | null {
    return this.#open;
  }

  /** Whether they are a worker's, who lends them to its tasks. */
  get areLent(): boolean {
    return this.#given !== null;
  }

  /** Uses this store for everything, whatever the settings say. */
  use(store: Store): void {
    if (this.#opening !== null) {
      throw new StoreError("The stores of this app are open already", {
        transient: false,
      });
    }
    this.#given = store;
  }

  /**
   * The opened stores. A failure is not kept: the next call tries again.
   *
   * @throws {StoreError} when one cannot be loaded or opened
   */
  open(): Promise<OpenStores> {
    this.#opening ??= this.#openAll().catch((error) => {
      this.#opening = null;
      throw error;
    });
    return this.#opening;
  }

  /** Closes what was opened. */
  async close(): Promise<void> {
    const opening = this.#opening;
    if (opening === null) return;
    this.#opening = this.#open = null;
    const stores = await opening.catch(() => null);
    if (stores === null) return;
    await stores.broker.close();
    if (stores.backend !== stores.broker) await stores.backend.close();
  }

  async #openAll(): Promise<OpenStores> {
    const made: Store[] = [];
    try {
      return await this.#openEach(made);
    } catch (error) {
      // The next call makes others.
      await Promise.allSettled(made.map((store) => store.close()));
      throw error;
    }
  }

  /** @param made takes what was made here, and not given */
  async #openEach(made: Store[]): Promise<OpenStores> {
    const settings = this.#settings();
    const given = this.#given ?? settings.store;
    const fromUrl = async (url: string): Promise<Store> => {
      const store = await this.#fromUrl(url);
      made.push(store);
      return store;
    };
    const broker = given ?? await fromUrl(settings.brokerUrl);
    const shared = this.#given !== null ||
      settings.resultBackend === settings.brokerUrl;
    const backend = shared ? broker : await fromUrl(settings.resultBackend);
    await broker.open();
    if (backend !== broker) await backend.open();
    const atomic = backend === broker && broker.capabilities.atomicSettlement;
    return this.#open = { broker, backend, atomic };
  }

  async #fromUrl(url: string): Promise<Store> {
    try {
      return await this.#load(url, this.#settings().clock);
    } catch (error) {
      if (error instanceof StoreError) throw error;
      throw new StoreError(
        `Cannot load the store for "${maskUrl(url)}": ${
          error instanceof Error ? error.message : error
        }. Where modules cannot be loaded by URL (bundles, edge runtimes), pass an opened store: new Lovage(name, { store })`,
        { cause: error, transient: false },
      );
    }
  }
}
