/**
 * The options of the dashboard.
 *
 * @module
 */

import { ConfigError } from "../errors.ts";
import {
  type Check,
  checkOptions,
  type Checks,
  isBoolean,
  isFunction,
  isText,
} from "../options.ts";

/** Who looks at the dashboard. */
export interface Viewer {
  /** A name for people; `""` where nobody is known by name. */
  readonly user: string;
  /** Whether every action is refused. Defaults to `false`. */
  readonly readOnly?: boolean | undefined;
}

/** Options of {@linkcode dashboard}. One of the first three must be given. */
export interface DashboardOptions {
  /** Passwords by user name, for HTTP Basic authentication. */
  readonly basicAuth?: Readonly<Record<string, string>> | undefined;
  /**
   * Says who sends a request; `null` is nobody, who is refused (403). What it
   * returns as a `Response`, such as a redirect to a login page, is sent.
   */
  readonly authorize?:
    | ((request: Request) => Authorization | Promise<Authorization>)
    | undefined;
  /**
   * Lets everybody in: for a server that only you can reach, or one that has
   * asked who it is before. Defaults to `false`.
   */
  readonly unauthenticated?: boolean | undefined;
  /** The path under which browsers see it, such as `/ops`. Defaults to `""`. */
  readonly urlPrefix?: string | undefined;
  /** Refuses every action. Defaults to `false`. */
  readonly readOnly?: boolean | undefined;
  /**
   * The only names and addresses, without ports, under which it answers
   * (`Host`): keeps other sites from reaching it through a name of theirs that
   * leads to your machine. Defaults to any.
   */
  readonly hosts?: readonly string[] | undefined;
  /**
   * Other origins, such as `https://ops.example.com`, whose pages may act;
   * for a proxy that changes the `Host`. Defaults to none.
   */
  readonly trustedOrigins?: readonly string[] | undefined;
}

/** What {@linkcode DashboardOptions.authorize} says. */
export type Authorization = Viewer | Response | null;

/** The options in force. */
export interface ResolvedOptions {
  /** Passwords by user name; `null` where they are not asked for. */
  readonly basicAuth: ReadonlyMap<string, string> | null;
  /** {@linkcode DashboardOptions.authorize} */
  readonly authorize: DashboardOptions["authorize"] | null;
  /** With a slash at its beginning and none at its end, or `""`. */
  readonly urlPrefix: string;
  /** {@linkcode DashboardOptions.readOnly} */
  readonly readOnly: boolean;
  /** In lower case; `null` is any. */
  readonly hosts: ReadonlySet<string> | null;
  /** {@linkcode DashboardOptions.trustedOrigins} */
  readonly trustedOrigins: ReadonlySet<string>;
}

const isPasswords: Check = (value) => {
  const wanted = "an object of user names and passwords";
  if (typeof value !== "object" || value === null) return wanted;
  const all = Object.entries(value);
  const fits = all.length > 0 &&
    all.every(([user, password]) =>
      user !== "" && !user.includes(":") && typeof password === "string" &&
      password !== ""
    );
  return fits ? null : `${wanted}, none of them empty, no ":" in a name`;
};

const isPrefix: Check = (value) =>
  typeof value === "string" && /^(\/?[\w.~-]+)*\/?$/.test(value)
    ? null
    : 'a path such as "/ops"';

const isTexts: Check = (value) =>
  Array.isArray(value) && value.every((each) => isText(each) === null)
    ? null
    : "an array of strings";

const isOrigins: Check = (value) =>
  Array.isArray(value) && value.every(isOrigin)
    ? null
    : 'an array of origins such as "https://ops.example.com"';

function isOrigin(value: unknown): boolean {
  return typeof value === "string" && URL.canParse(value) &&
    new URL(value).origin === value;
}

const CHECKS: Checks<DashboardOptions> = {
  basicAuth: isPasswords,
  authorize: isFunction,
  unauthenticated: isBoolean,
  urlPrefix: isPrefix,
  readOnly: isBoolean,
  hosts: isTexts,
  trustedOrigins: isOrigins,
};

/**
 * The options in force.
 *
 * @throws {ConfigError} for what will not do, or when nobody says who may
 * come in
 */
export function resolveOptions(given: DashboardOptions): ResolvedOptions {
  checkOptions("dashboard()", given, CHECKS);
  const { basicAuth, authorize, unauthenticated = false } = given;
  const ways = [
    basicAuth !== undefined,
    authorize !== undefined,
    unauthenticated,
  ];
  if (ways.filter(Boolean).length !== 1) {
    throw new ConfigError(
      "The dashboard must know who may come in: give one of basicAuth ({ user: password }), authorize (a function), or unauthenticated: true where everybody who reaches it may",
    );
  }
  return {
    basicAuth: basicAuth === undefined
      ? null
      : new Map(Object.entries(basicAuth)),
    authorize: authorize ?? null,
    urlPrefix: prefixOf(given.urlPrefix ?? ""),
    readOnly: given.readOnly ?? false,
    hosts: given.hosts === undefined
      ? null
      : new Set(given.hosts.map((host) => host.toLowerCase())),
    trustedOrigins: new Set(given.trustedOrigins ?? []),
  };
}

function prefixOf(text: string): string {
  const inner = text.replace(/^\/+|\/+$/g, "");
  return inner === "" ? "" : `/${inner}`;
}
