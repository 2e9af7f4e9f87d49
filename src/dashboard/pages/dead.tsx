/**
 * The dead letters: messages that can never run, and why.
 *
 * @module
 */

import type { DeadPage, DeadRow } from "../data/types/dead.ts";
import { cut, number, shortId } from "./format.ts";
import { Layout } from "./layout.tsx";
import { deadPath, path } from "./links.ts";
import { Act, AskAct } from "./parts/action.tsx";
import { Choose, CHOOSE_ALL, ChosenBar } from "./parts/choice.tsx";
import { Empty } from "./parts/empty.tsx";
import { Icon } from "./parts/icon.tsx";
import { LiveRegion } from "./parts/live.tsx";
import { type PageInfo, usePage } from "./parts/page_info.ts";
import { Pager } from "./parts/pager.tsx";
import { Table } from "./parts/table.tsx";
import { QueueLink } from "./parts/task_rows.tsx";
import { Time } from "./parts/time.tsx";
import type { View } from "./parts/view.ts";

/** The page of all dead letters. */
export function DeadLettersPage(
  { page, dead: { letters, cursor }, total, first }: {
    readonly page: PageInfo;
    readonly dead: DeadPage;
    /** How many there are; `null` when they were not counted. */
    readonly total: number | null;
    /** Whether this is the first page of them. */
    readonly first: boolean;
  },
): View {
  const canAct = page.canAct && letters.length > 0;
  return (
    <Layout
      page={page}
      title="Dead letters"
      section="/dead"
      live={first ? ["stats", "dead"] : null}
    >
      <div class="head">
        <h1>Dead letters</h1>
        <p>messages that can never run, and why</p>
        {canAct && <AllActions total={total} />}
      </div>
      <LiveRegion>
        <div>
          {letters.length === 0 ? <NoLetters /> : (
            <Table
              caption="Dead letters"
              cards
              columns={[
                ...(canAct ? [CHOOSE_ALL] : []),
                { head: "Reason" },
                { head: "Task and what was wrong" },
                { head: "Queue" },
                { head: "Died", num: true },
                { head: "Actions", unseen: true },
              ]}
            >
              {letters.map((letter) => <Row letter={letter} />)}
            </Table>
          )}
          <Pager
            count={letters.length}
            first={first ? null : "/dead"}
            next={cursor === null ? null : path("/dead", { cursor })}
          />
        </div>
      </LiveRegion>
      {canAct && (
        <ChosenBar action="dead.redrive">
          <button class="btn" type="submit">
            <Icon name="retry" size={14} /> Redrive
          </button>
        </ChosenBar>
      )}
    </Layout>
  );
}

function AllActions({ total }: { readonly total: number | null }): View {
  const all = total === null
    ? "all dead letters"
    : total === 1
    ? "the dead letter"
    : `all ${number(total)} dead letters`;
  return (
    <div class="actions">
      <AskAct
        name="dead.redrive"
        fields={{ all: "true" }}
        label="Redrive all…"
        icon="retry"
        ask={`Put ${all} back?`}
      >
        Each goes back into its queue and is tried once more, with its losses
        forgotten. What still cannot run comes back here.
      </AskAct>
      <AskAct
        name="dead.purge"
        fields={{ all: "true" }}
        label="Purge all…"
        icon="trash"
        kind="danger"
        ask={`Drop ${all}?`}
        typed={{ field: "confirm", text: "purge" }}
      >
        They are gone for good; this cannot be taken back.
      </AskAct>
    </div>
  );
}

function NoLetters(): View {
  return (
    <div class="table">
      <Empty icon="success" title="No dead letters">
        What cannot be read, what no worker knows and what has killed its
        workers again and again is kept here instead of being lost.
      </Empty>
    </div>
  );
}

function Row({ letter }: { readonly letter: DeadRow }): View {
  const { url, canAct } = usePage();
  const { key, name, id } = letter;
  return (
    <tr>
      {canAct && <Choose name="key" value={key} what={`${name} ${id}`} />}
      <td class="badge">
        <span class="state s-dead">
          <Icon name="dead" size={12} />
          {letter.reason}
        </span>
      </td>
      <td class="fill">
        <a class="row plain strong" href={url(deadPath(key))} title={id}>
          {name === "" ? "Unknown task" : name}
        </a>{" "}
        <span class="mono small muted">{shortId(id)}</span>
        <div class="small second" title={letter.detail}>
          {cut(letter.detail, 240)}
        </div>
      </td>
      <td class="name" data-label="Queue">
        <QueueLink name={letter.queue} />
      </td>
      <td class="num muted time">
        <Time at={letter.diedAt} />
      </td>
      <td class="acts">
        <div class="actions">
          <Act
            name="dead.redrive"
            fields={{ key }}
            label="Redrive"
            icon="retry"
            about={`Redrive ${name} ${id}`}
            tiny
          />
        </div>
      </td>
    </tr>
  );
}
