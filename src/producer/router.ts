/**
 * Decides which queue a task goes to. The first of these that says something
 * wins: the call, the first matching route, the task's own option, the
 * app's default.
 *
 * @module
 */

import { ConfigError } from "../errors.ts";
import { type Check, isInteger, isName } from "../options.ts";

/** Where a task goes. */
export interface Route {
  /** The queue. */
  readonly queue?: string | undefined;
  /** 0 (first) to 9. */
  readonly priority?: number | undefined;
}

/**
 * Chooses by looking at the call. `undefined` leaves the choice to the next
 * route.
 */
export type RouteFunction = (
  task: string,
  args: readonly unknown[],
) => Route | string | undefined;

/** One rule: which tasks, and where they go (a string is a queue). */
export type RouteRule =
  | RouteFunction
  | readonly [match: string | RegExp, route: Route | string];

/**
 * Rules in order; or an object from name or glob (`"images.*"`) to route,
 * whose order is that of its keys.
 */
export type Routes =
  | readonly RouteRule[]
  | Readonly<Record<string, Route | string>>;

const isPriority = isInteger(0, 9);

/** Accepts {@linkcode Routes}. */
export const checkRoutes: Check = (value) => {
  if (typeof value !== "object" || value === null) {
    return 'an object such as { "images.*": "images" }, or an array of rules';
  }
  for (const rule of asRules(value as Routes)) {
    const wanted = checkRule(rule);
    if (wanted !== null) return wanted;
  }
  return null;
};

function checkRule(rule: RouteRule): string | null {
  if (typeof rule === "function") return null;
  if (!Array.isArray(rule) || rule.length !== 2) {
    return 'an array of functions and of pairs such as ["images.*", "images"]';
  }
  const [match, route] = rule as readonly [unknown, unknown];
  if (typeof match !== "string" && !(match instanceof RegExp)) {
    return "rules that match by a name, a glob or a regular expression";
  }
  return checkRoute(route);
}

function checkRoute(route: unknown): string | null {
  if (isName(route) === null) return null;
  if (typeof route !== "object" || route === null) {
    return "rules that lead to a queue's name or to { queue, priority }";
  }
  for (const [key, value] of Object.entries(route)) {
    if (key !== "queue" && key !== "priority") {
      return `routes of queue and priority only, without "${key}"`;
    }
    const wanted = key === "queue" ? isName(value) : isPriority(value);
    if (value !== undefined && wanted !== null) {
      return `routes whose ${key} is ${wanted}`;
    }
  }
  return null;
}

function asRules(routes: Routes): readonly RouteRule[] {
  return Array.isArray(routes)
    ? routes
    : Object.entries(routes as Readonly<Record<string, Route | string>>);
}

/** A rule, ready to be asked. */
type Matcher = (task: string, args: readonly unknown[]) => Route | undefined;

/** Asks the rules of an app. */
export class Router {
  readonly #matchers: readonly Matcher[];

  /** Prepares the rules. */
  constructor(routes: Routes) {
    this.#matchers = asRules(routes).map(toMatcher);
  }

  /** What the first matching rule says. */
  route(task: string, args: readonly unknown[]): Route {
    for (const matcher of this.#matchers) {
      const route = matcher(task, args);
      if (route !== undefined) return route;
    }
    return NOWHERE;
  }
}

const NOWHERE: Route = Object.freeze({});

function toMatcher(rule: RouteRule): Matcher {
  if (typeof rule === "function") {
    return (task, args) => checkedRoute(task, rule(task, args));
  }
  const [match, to] = rule;
  const route = typeof to === "string" ? { queue: to } : to;
  const pattern = typeof match === "string" ? globPattern(match) : match;
  // A pattern with the flags g or y remembers where it stopped.
  const stateless = new RegExp(
    pattern.source,
    pattern.flags.replace(/[gy]/g, ""),
  );
  return (task) => stateless.test(task) ? route : undefined;
}

function checkedRoute(
  task: string,
  route: Route | string | undefined,
): Route | undefined {
  if (route === undefined || route === null) return undefined;
  const wanted = checkRoute(route);
  if (wanted !== null) {
    throw new ConfigError(
      `A route function of taskRoutes answered for "${task}" with something else than a queue's name or { queue, priority }`,
    );
  }
  return typeof route === "string" ? { queue: route } : route;
}

/** `*` stands for any characters, `?` for one; all else is itself. */
export function globPattern(glob: string): RegExp {
  const source = glob.replaceAll(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*").replaceAll("?", ".");
  return new RegExp(`^${source}$`);
}
