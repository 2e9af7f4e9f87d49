/**
 * A gateway on a port, the app behind it, and clients.
 */

import { Lovage } from "@lovage/lovage";
import { gatewayStore } from "@lovage/lovage/gateway";
import {
  gateway,
  type GatewayOptions,
  type GatewayToken,
} from "@lovage/lovage/gateway/server";

export const TOKEN = "a-token-for-everything";
const ALL: GatewayToken = { name: "all", token: TOKEN, revoke: true };

/** An app behind a gateway. */
export class Behind implements AsyncDisposable {
  readonly app: Lovage;
  readonly url: string;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #clients: Lovage[] = [];

  constructor(
    brokerUrl: string,
    { tokens = [ALL], ...options }: Partial<GatewayOptions> = {},
  ) {
    this.app = new Lovage("behind", { brokerUrl });
    const handler = gateway(this.app, { tokens, ...options });
    this.#server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen: () => {} },
      handler,
    );
    this.url = `http://127.0.0.1:${this.#server.addr.port}`;
  }

  /** An app that reaches the store by the gateway alone. */
  client(token = TOKEN): Lovage {
    const store = gatewayStore({ url: this.url, token });
    const client = new Lovage("client", { store });
    this.#clients.push(client);
    return client;
  }

  /** Calls an operation by hand. */
  async post(
    path: string,
    body: unknown,
    headers: Record<string, string> = { authorization: `Bearer ${TOKEN}` },
  ): Promise<{ readonly status: number; readonly message: string }> {
    const response = await fetch(this.url + path, {
      method: "POST",
      headers,
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
    const { error } = await response.json();
    return { status: response.status, message: error?.message ?? "" };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) await client.close();
    await this.#server.shutdown();
    await this.app.close();
  }
}
