/**
 * A dashboard and who asks it.
 *
 * @module
 */

import type { Lovage } from "@lovage/lovage";
import {
  type Dashboard,
  dashboard,
  type DashboardOptions,
} from "@lovage/lovage/dashboard";
import { Contract } from "./_contract.ts";

/** Asks a dashboard, as a program does. */
export class Client implements AsyncDisposable {
  /** The dashboard. */
  readonly dashboard: Dashboard;
  readonly #prefix: string;
  #contract: Promise<Contract> | undefined;

  constructor(app: Lovage, options: DashboardOptions = {}) {
    const isOpen = options.basicAuth === undefined &&
      options.authorize === undefined;
    this.#prefix = options.urlPrefix ?? "";
    this.dashboard = dashboard(app, {
      ...(isOpen ? { unauthenticated: true } : {}),
      ...options,
    });
  }

  /** The answer to any request. */
  ask(path: string, init: RequestInit = {}): Promise<Response> {
    return this.dashboard(new Request(`http://ops.test${path}`, init));
  }

  /** The same; what the document says otherwise is an error. */
  async hold(path: string, init: RequestInit = {}): Promise<Response> {
    const response = await this.ask(path, init);
    const body = await response.clone().text();
    const contract = await this.contract(init.headers);
    contract.check(init.method ?? "GET", path, response, body);
    return response;
  }

  /** What the document promises, and what of it was asked. */
  contract(headers: HeadersInit = {}): Promise<Contract> {
    return this.#contract ??= this.#read(headers);
  }

  /** The JSON at a path. */
  async json<T = Record<string, unknown>>(path: string): Promise<T> {
    const response = await this.hold(path);
    if (response.status !== 200) {
      throw new Error(`${path}: ${response.status} ${await response.text()}`);
    }
    return await response.json() as T;
  }

  /** Sends JSON; the status and what was answered. */
  async post(
    path: string,
    body: unknown = {},
  ): Promise<readonly [number, Record<string, unknown>]> {
    const response = await this.hold(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return [response.status, await response.json()];
  }

  /** Does an action. */
  act(name: string, input: unknown = {}) {
    return this.post(`/api/v1/actions/${name}`, input);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dashboard.close();
  }

  async #read(headers: HeadersInit): Promise<Contract> {
    const path = `${this.#prefix}/api/v1/openapi.json`;
    const response = await this.ask(path, { headers });
    return new Contract(await response.json());
  }
}
