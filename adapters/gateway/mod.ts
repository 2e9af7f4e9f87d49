/**
 * The store of those who reach no store: tasks are sent, and their results
 * fetched, through an HTTP gateway (`lovage gateway`). All it needs is
 * `fetch`, so that it works in edge functions and browsers.
 *
 * ```ts ignore
 * import { Lovage } from "@lovage/lovage";
 * import { gatewayStore } from "@lovage/lovage/gateway";
 *
 * const store = gatewayStore({ url: "https://tasks.example.com", token: "…" });
 * const app = new Lovage("shop", { store });
 * await app.sendTask("images.resize", ["a.png", 640]);
 * ```
 *
 * @module
 */

import type {
  Bus,
  DeadLetters,
  History,
  Inspector,
  LiveTask,
  Scheduler,
  Store,
  StoreCapabilities,
} from "../../src/contracts/mod.ts";
import { StoreError } from "../../src/errors.ts";
import { gatewayBroker } from "./broker.ts";
import { Client, type Fetch } from "./client.ts";
import { VERSION } from "./protocol.ts";
import { refuseAll } from "./refuse_all.ts";
import { GatewayResults } from "./results.ts";

export type { Fetch } from "./client.ts";

/** What {@linkcode gatewayStore} takes. */
export interface GatewayStoreOptions {
  /**
   * The address of the gateway. It may hold the token as a password:
   * `https://:token@tasks.example.com`.
   */
  readonly url: string;
  /** The token, unless the address holds it. */
  readonly token?: string | undefined;
  /** How long an answer may take, in ms. @default {10000} */
  readonly timeout?: number | undefined;
  /** Makes the requests. Defaults to the global `fetch`. */
  readonly fetch?: Fetch | undefined;
}

/**
 * Makes a store that sends through a gateway. Nothing is called before it is
 * opened.
 *
 * @throws {StoreError} for an address that is none, or without a token
 */
export function gatewayStore(options: GatewayStoreOptions): Store {
  return new GatewayStore(options);
}

class GatewayStore implements Store {
  readonly scheme: string;
  readonly address: string;
  readonly broker: Store["broker"];
  readonly results: Store["results"];
  readonly scheduler: Scheduler = refuseAll<Scheduler, keyof Scheduler>({
    put: true,
    remove: true,
    fetch: true,
    list: true,
    fire: true,
    lead: true,
    resign: true,
    leader: true,
  });
  // Best effort, as all of a bus: the gateway tells workers what it has to.
  readonly bus: Bus = {
    broadcast: () => Promise.resolve(),
    subscribe: () => Promise.resolve(() => {}),
  };
  readonly inspector: Inspector;
  readonly deadLetters: DeadLetters = refuseAll<
    DeadLetters,
    keyof DeadLetters
  >({ list: true, redrive: true, purge: true });
  readonly history: History = refuseAll<History, keyof History>({
    add: true,
    read: true,
  });
  readonly warnings: readonly string[] = [];
  readonly migrations = null;
  readonly #client: Client;
  readonly #results: GatewayResults;
  #limitsAcrossQueues = true;

  constructor(options: GatewayStoreOptions) {
    const { url, token } = parse(options);
    const { timeout = 10_000, fetch = globalThis.fetch } = options;
    const client = new Client({ url, token, timeout, fetch });
    this.scheme = url.slice(0, url.indexOf(":"));
    this.address = url;
    this.#client = client;
    this.#results = new GatewayResults(client);
    this.broker = gatewayBroker(client);
    this.results = this.#results.port;
    this.inspector = {
      ...refuseAll<Inspector, Exclude<keyof Inspector, "find">>({
        tasks: true,
        limits: true,
        queues: true,
        consumers: true,
      }),
      find: (ids) => find(client, ids),
    };
  }

  get capabilities(): StoreCapabilities {
    return {
      durable: true,
      shared: true,
      // The gateway sees to what must become true together.
      atomicSettlement: true,
      transactions: false,
      limitsAcrossQueues: this.#limitsAcrossQueues,
      lanes: 4,
      load: 250,
    };
  }

  async open(): Promise<void> {
    const hello = await this.#client.call("hello", {});
    if (hello.version !== VERSION) {
      throw new StoreError(
        `The gateway ${this.address} speaks version ${hello.version} of the protocol, and this package version ${VERSION}: upgrade the older one`,
        { transient: false },
      );
    }
    this.#limitsAcrossQueues = hello.limitsAcrossQueues;
  }

  close(): Promise<void> {
    this.#results.close();
    return Promise.resolve();
  }
}

async function find(
  client: Client,
  ids: readonly string[],
): Promise<readonly (LiveTask | undefined)[]> {
  const { tasks } = await client.call("find", { ids });
  return tasks.map((task) => task ?? undefined);
}

function parse(
  options: GatewayStoreOptions,
): { readonly url: string; readonly token: string } {
  let url: URL;
  try {
    url = new URL(options.url);
  } catch {
    throw new StoreError(
      "The address of a gateway must be a URL such as https://:token@tasks.example.com",
      { transient: false },
    );
  }
  const token = options.token ??
    decodeURIComponent(url.password || url.username);
  url.username =
    url.password =
    url.search =
    url.hash =
      "";
  const address = url.href.replace(/\/+$/, "");
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw new StoreError(
      `The address of a gateway begins with https:// (or http://), but it is ${address}`,
      { transient: false },
    );
  }
  if (token === "") {
    throw new StoreError(
      `The gateway ${address} wants a token: write it into the address, https://:token@…, or pass { token }`,
      { transient: false },
    );
  }
  return { url: address, token };
}
