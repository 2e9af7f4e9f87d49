/**
 * What a part of a page comes to.
 *
 * @module
 */

import type { HtmlEscapedString } from "hono/utils/html";

/** HTML whose texts are escaped, or nothing. */
export type View = HtmlEscapedString | Promise<HtmlEscapedString> | null;
