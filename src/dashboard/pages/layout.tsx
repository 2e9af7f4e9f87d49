/**
 * What stands around every page.
 *
 * @module
 */

import type { Child } from "hono/jsx";
import { type AssetName, assetPath } from "../assets/serve.ts";
import { Icon, Logo } from "./parts/icon.tsx";
import { Keys } from "./parts/keys.tsx";
import { NoticeBox } from "./parts/notice.tsx";
import { PageContext, type PageInfo, usePage } from "./parts/page_info.ts";
import { Time } from "./parts/time.tsx";
import type { View } from "./parts/view.ts";

/** The sections, as the bar at the top names them. */
export const SECTIONS = [
  { path: "/", name: "Overview", key: "o" },
  { path: "/tasks", name: "Tasks", key: "t" },
  { path: "/queues", name: "Queues", key: "q" },
  { path: "/workers", name: "Workers", key: "w" },
  { path: "/schedules", name: "Schedules", key: "s" },
  { path: "/dead", name: "Dead letters", key: "d" },
] as const;

/** A section. */
export type Section = (typeof SECTIONS)[number]["path"];

/** What events of the stream change a page; `null` for one that stays. */
export type Topics = readonly string[] | null;

/** A page of the dashboard. */
export function Layout(
  { page, title, section, live = null, chart = false, children }: {
    readonly page: PageInfo;
    /** What it is; also the name of the tab. */
    readonly title: string;
    /** Where it belongs. */
    readonly section?: Section | undefined;
    /** What keeps it up to date. */
    readonly live?: Topics;
    /** Whether it has charts. */
    readonly chart?: boolean;
    readonly children: Child;
  },
): View {
  return (
    <PageContext.Provider value={page}>
      <html
        lang="en"
        data-root={page.url("/")}
        data-zone={page.zone}
        {...(page.theme === null ? {} : { "data-theme": page.theme })}
      >
        <head>
          <meta charset="utf-8" />
          <meta
            name="viewport"
            content="width=device-width, initial-scale=1"
          />
          <meta name="color-scheme" content="light dark" />
          <meta
            name="htmx-config"
            content='{"includeIndicatorCSS":false,"history":"reload","morphIgnore":["data-htmx-powered","open"]}'
          />
          <title>{`${title} · ${page.app} · Lovage`}</title>
          <link rel="icon" href={FAVICON} />
          <Style name="app.css" />
          {chart && <Style name="chart.css" />}
          <Script name="app.js" />
          <Script name="htmx.js" />
          {chart && <Script name="chart.js" />}
        </head>
        <body>
          <a class="skip" href="#main">Skip to the content</a>
          <TopBar section={section} live={live} />
          <main id="main" tabindex={-1}>
            <NoticeBox notice={page.notice} />
            <Trouble />
            {children}
          </main>
          <Foot />
          <div id="toasts" class="toasts" role="status" aria-live="polite">
          </div>
          <Keys />
        </body>
      </html>
    </PageContext.Provider>
  );
}

/** Shown by a script when the page cannot be brought up to date. */
function Trouble(): View {
  return (
    <div id="trouble" class="banner failed trouble" role="alert" hidden>
      <Icon name="warn" size={14} />
      <div>
        <b>This page is not up to date.</b> <span data-why></span>.{" "}
        <span class="second">It is tried again every few seconds.</span>
      </div>
      <button type="button" class="btn tiny">Try now</button>
    </div>
  );
}

const FAVICON = `data:image/svg+xml,${
  encodeURIComponent(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 22 22"><path fill="#2b8a4b" d="M11 1.5c2.6 2.3 3.9 4.7 3.9 7.1c1.7-.9 3.5-1.2 5.6-.8c-.3 3.9-2.4 6.7-6 7.6c-1 .3-1.9.3-2.7.2v4.9h-1.6v-4.9c-.8.1-1.7.1-2.7-.2c-3.6-.9-5.7-3.7-6-7.6c2.1-.4 3.9-.1 5.6.8c0-2.4 1.3-4.8 3.9-7.1Z"/></svg>',
  )
}`;

function Style({ name }: { readonly name: AssetName }): View {
  return <link rel="stylesheet" href={usePage().url(`/${assetPath(name)}`)} />;
}

function Script({ name }: { readonly name: AssetName }): View {
  const src = usePage().url(`/${assetPath(name)}`);
  return <script type="module" src={src}></script>;
}

function TopBar(
  { section, live }: {
    readonly section: Section | undefined;
    readonly live: Topics;
  },
): View {
  const { url, app } = usePage();
  return (
    <header class="top">
      <div class="top-row">
        <a class="brand" href={url("/")}>
          <Logo />
          <span class="word">Lovage</span>
          <span class="app cut" title={app}>{app}</span>
        </a>
        <nav class="nav" aria-label="Sections">
          {SECTIONS.map(({ path, name, key }) => (
            <a
              href={url(path)}
              data-key={key}
              {...(path === section ? { "aria-current": "page" } : {})}
            >
              {name}
            </a>
          ))}
        </nav>
        <div class="tools">
          <form class="find" action={url("/find")} role="search">
            <Icon name="search" size={14} />
            <input
              id="find"
              name="q"
              type="search"
              placeholder="Find a task, queue, worker…"
              aria-label="Find a task by its id or text, a queue, a worker or a schedule"
              autocomplete="off"
              maxlength={300}
              required
            />
            <kbd aria-hidden="true">/</kbd>
          </form>
          {live !== null && <LiveSwitch topics={live} />}
          <button
            type="button"
            class="btn bare icon"
            data-switch="theme"
            aria-label="Switch between light and dark"
            title="Light or dark"
          >
            <Icon name="theme" />
          </button>
        </div>
      </div>
    </header>
  );
}

function LiveSwitch(
  { topics }: { readonly topics: readonly string[] },
): View {
  const { url } = usePage();
  return (
    <lv-live
      src={url(
        `/api/v1/stream?topics=${encodeURIComponent(topics.join(","))}`,
      )}
      events={topics.join(" ")}
    >
      <button
        type="button"
        class="live"
        data-state="off"
        aria-pressed="true"
        title="Live updates (p)"
      >
        <i></i>
        <span>Live</span>
      </button>
    </lv-live>
  );
}

function Foot(): View {
  const { user, canAct, zone, now } = usePage();
  return (
    <footer class="foot">
      <div class="foot-row">
        <span>
          As of <Time at={now} as="clock" />
        </span>
        <button type="button" class="btn bare tiny" data-switch="zone">
          {zone === "utc" ? "UTC" : "Local time"}
        </button>
        {user !== "" && <span>Signed in as {user}</span>}
        {!canAct && <span class="tag">Read-only</span>}
        <button
          type="button"
          class="btn bare tiny"
          commandfor="keys"
          command="show-modal"
        >
          Keyboard <kbd>?</kbd>
        </button>
      </div>
    </footer>
  );
}
