/**
 * One dead letter, with its message.
 *
 * @module
 */

import type { DeadRow } from "../data/types/dead.ts";
import { Layout } from "./layout.tsx";
import { taskPath } from "./links.ts";
import { Act, AskAct } from "./parts/action.tsx";
import { Copy } from "./parts/copy.tsx";
import { Crumb } from "./parts/crumb.tsx";
import { Icon } from "./parts/icon.tsx";
import { Json } from "./parts/json.tsx";
import type { PageInfo } from "./parts/page_info.ts";
import { QueueLink } from "./parts/task_rows.tsx";
import { Time } from "./parts/time.tsx";
import type { View } from "./parts/view.ts";

/** The page of a dead letter. */
export function DeadLetterPage(
  { page, letter }: { readonly page: PageInfo; readonly letter: DeadRow },
): View {
  const { key, id } = letter;
  const name = letter.name === "" ? "Unknown task" : letter.name;
  return (
    <Layout page={page} title={`${name}, dead`} section="/dead">
      <div class="stack">
        <div class="head page-head">
          <div>
            <Crumb path="/dead" name="Dead letters" />
            <div class="title">
              <h1>{name}</h1>
              <span class="state s-dead">
                <Icon name="dead" size={12} />
                {letter.reason}
              </span>
            </div>
            <div class="ident">
              <a href={page.url(taskPath(id))}>{id}</a>
              <Copy text={id} what="the id" />
            </div>
          </div>
          <div class="actions">
            <Act
              name="dead.redrive"
              fields={{ key }}
              label="Redrive"
              icon="retry"
              kind="first"
              back="/dead"
              leave
            />
            <AskAct
              name="dead.purge"
              fields={{ key }}
              label="Purge…"
              icon="trash"
              kind="danger"
              ask="Drop this dead letter?"
              typed={{ field: "confirm", text: "purge" }}
              back="/dead"
              leave
            >
              It is gone for good; this cannot be taken back.
            </AskAct>
          </div>
        </div>
        <section class="card error" aria-labelledby="why-title">
          <header>
            <h2 id="why-title">Why it can never run</h2>
          </header>
          <p class="message">{letter.detail}</p>
          <dl class="kv">
            <dt>Died</dt>
            <dd>
              <Time at={letter.diedAt} as="full" />
            </dd>
            <dt>Queue</dt>
            <dd>
              <QueueLink name={letter.queue} />
            </dd>
            <dt>Workers lost</dt>
            <dd>{letter.losses}</dd>
          </dl>
        </section>
        <section class="card" aria-labelledby="message-title">
          <header>
            <h2 id="message-title">Message</h2>
            <span class="end">
              <Copy text={letter.message} what="the message" />
            </span>
          </header>
          <Json text={letter.message} />
        </section>
      </div>
    </Layout>
  );
}
