/**
 * What every part of a page knows without being told.
 *
 * @module
 */

import {
  type Context as JsxContext,
  createContext,
  useContext,
} from "hono/jsx";
import type { Notice } from "../../context.ts";

/** A page as it is being drawn. */
export interface PageInfo {
  /** The name of the app. */
  readonly app: string;
  /** Who looks; `""` where nobody is known by name. */
  readonly user: string;
  /** Whether the viewer may do anything but look. */
  readonly canAct: boolean;
  /** What the action before came to. */
  readonly notice: Notice | null;
  /** The path of the page with its query, without the prefix. */
  readonly here: string;
  /** When it is drawn, epoch ms. */
  readonly now: number;
  /** The colours that the viewer has chosen; `null` is those of the system. */
  readonly theme: "light" | "dark" | null;
  /** The zone that the viewer has chosen. */
  readonly zone: "local" | "utc";
  /** The path of a page as browsers see it. */
  url(path: string): string;
}

/** Holds the page while it is drawn. */
export const PageContext: JsxContext<PageInfo | null> = createContext<
  PageInfo | null
>(null);

/** The page that is being drawn. */
export function usePage(): PageInfo {
  const page = useContext(PageContext);
  if (page === null) throw new TypeError("There is no page around this part");
  return page;
}
