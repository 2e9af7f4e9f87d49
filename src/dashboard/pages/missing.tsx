/**
 * What is shown where something is not there.
 *
 * @module
 */

import type { Child } from "hono/jsx";
import { Layout, type Section } from "./layout.tsx";
import { Empty } from "./parts/empty.tsx";
import { LiveRegion } from "./parts/live.tsx";
import type { PageInfo } from "./parts/page_info.ts";
import type { View } from "./parts/view.ts";

/** A page for what is not known. */
export function MissingPage(
  { page, section, title, children }: {
    readonly page: PageInfo;
    readonly section: Section;
    readonly title: string;
    readonly children: Child;
  },
): View {
  return (
    <Layout page={page} title="Not found" section={section}>
      <h1 class="sr">Not found</h1>
      <LiveRegion>
        <div class="table">
          <Empty icon="search" title={title}>{children}</Empty>
        </div>
      </LiveRegion>
    </Layout>
  );
}
