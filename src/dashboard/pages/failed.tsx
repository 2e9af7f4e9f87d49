/**
 * What is shown instead of a page that could not be drawn: what failed, what
 * to do about it, and the way to try again.
 *
 * @module
 */

import type { Child } from "hono/jsx";
import { Layout, SECTIONS } from "./layout.tsx";
import { Icon } from "./parts/icon.tsx";
import type { PageInfo } from "./parts/page_info.ts";
import { Time } from "./parts/time.tsx";
import type { View } from "./parts/view.ts";

/** A failure. */
export interface FailedProps {
  readonly page: PageInfo;
  /** What failed, in a few words. */
  readonly title: string;
  /** What is wrong and what to do, in a sentence. */
  readonly sentence: string;
  /** The page to try again, or to go back to. */
  readonly again: string;
  /** What it came from: a page that was asked for, or an action. */
  readonly kind: "page" | "action";
  /** The stores, when one of them failed. */
  readonly stores: StoreFacts | null;
}

/** Which stores there are, without passwords. */
export interface StoreFacts {
  /** Where tasks wait. */
  readonly broker: string;
  /** Where results are kept. */
  readonly backend: string;
  /** Since when nothing has worked. */
  readonly since: number | null;
}

/** The page of a failure. */
export function FailedPage(props: FailedProps): View {
  const { page, title, sentence, kind, stores } = props;
  // What was only looked at is looked at again without being asked.
  const isTried = stores !== null && kind === "page";
  return (
    <Layout page={page} title={title} section={sectionOf(page.here)}>
      {isTried
        ? (
          <lv-again why={sentence}>
            <Failure {...props} />
          </lv-again>
        )
        : <Failure {...props} />}
    </Layout>
  );
}

function Failure(
  { page, title, sentence, again, kind, stores }: FailedProps,
): View {
  return (
    <section class="card failure" aria-labelledby="failure-title">
      <header>
        <Icon name="warn" size={20} />
        <h1 id="failure-title">{title}</h1>
      </header>
      <p class="message">{sentence}.</p>
      {kind === "action" && (
        <p>
          It is not known whether the action was carried out: look at the page
          before doing it again.
        </p>
      )}
      {stores !== null && <Stores {...stores} />}
      {stores !== null && (
        <p class="second">
          <code>lovage check --app ./tasks.ts</code>{" "}
          looks at the store from the command line. Workers wait for it as well,
          and go on when it is back.
        </p>
      )}
      <div class="actions">
        <a class="btn first" href={page.url(again)}>
          <Icon name="retry" size={14} />{" "}
          {kind === "page" ? "Try again" : "Back to the page"}
        </a>
        {stores !== null && kind === "page" && (
          <span class="muted small wait">
            or wait: it is tried every few seconds
          </span>
        )}
      </div>
    </section>
  );
}

function Stores({ broker, backend, since }: StoreFacts): View {
  const facts: readonly (readonly [string, Child])[] = broker === backend
    ? [["Store", <Address text={broker} />]]
    : [
      ["Tasks wait in", <Address text={broker} />],
      ["Results are kept in", <Address text={backend} />],
    ];
  return (
    <dl class="kv">
      {facts.map(([name, value]) => (
        <>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </>
      ))}
      {since !== null && (
        <>
          <dt>Since</dt>
          <dd>
            <Time at={since} as="clock" /> (<Time at={since} />)
          </dd>
        </>
      )}
    </dl>
  );
}

function Address({ text }: { readonly text: string }): View {
  return <span class="mono">{text}</span>;
}

/** The section that a path belongs to. */
function sectionOf(here: string) {
  const [, first = ""] = /^\/([^/?]*)/.exec(here) ?? [];
  return SECTIONS.find(({ path }) => path === `/${first}`)?.path;
}
