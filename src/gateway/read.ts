/**
 * What clients sent, read with care.
 *
 * @module
 */

import { MOST_ITEMS } from "../../adapters/gateway/protocol.ts";
import type { CancelRequest, Message } from "../contracts/broker.ts";
import type { GroupPlan } from "../contracts/groups.ts";
import { isTaskId } from "../message/ids.ts";
import { type Fields, fieldsOf, mistake } from "./fields.ts";
import { limitsOf, uniqueOf } from "./read_limits.ts";
import { Refused } from "./refused.ts";

/** The ids in a request. */
export function idsIn(body: unknown): readonly string[] {
  const ids = textsIn(body, "ids");
  const wrong = ids.find((id) => !isTaskId(id));
  if (wrong !== undefined) throw mistake("ids", "a list of task ids", wrong);
  return ids;
}

/** A list of texts in a request. */
export function textsIn(body: unknown, name: string): readonly string[] {
  return listIn(body, name).map((each) => {
    if (typeof each === "string") return each;
    throw mistake(name, "a list of texts", each);
  });
}

/** The messages in a request. */
export function messagesIn(body: unknown, name: string): readonly Message[] {
  return listIn(body, name).map((each, at) =>
    messageOf(each, `${name}[${at}]`)
  );
}

/** The groups in a request. */
export function groupsIn(body: unknown): readonly GroupPlan[] {
  if ((body as Fields).groups === undefined) return [];
  return listIn(body, "groups").map((each, at) => {
    const place = `groups[${at}]`;
    const { id, size, body, expiresAt } = fieldsOf(each, place);
    if (typeof id !== "string" || !isTaskId(id)) {
      throw mistake(`${place}.id`, "an id", id);
    }
    if (!isCount(size) || size === 0) {
      throw mistake(`${place}.size`, "a whole number of at least 1", size);
    }
    if (expiresAt !== null && typeof expiresAt !== "number") {
      throw mistake(`${place}.expiresAt`, "a time or null", expiresAt);
    }
    return { id, size, body: messageOf(body, `${place}.body`), expiresAt };
  });
}

/** The requests to cancel in a request. */
export function requestsIn(
  body: unknown,
): readonly Pick<CancelRequest, "id" | "terminate">[] {
  return listIn(body, "requests").map((each, at) => {
    const { id, terminate } = fieldsOf(each, `requests[${at}]`);
    if (typeof id !== "string" || !isTaskId(id)) {
      throw mistake(`requests[${at}].id`, "a task id", id);
    }
    return { id, terminate: terminate === true };
  });
}

function messageOf(value: unknown, place: string): Message {
  const { id, task, queue, priority, eta, body, ...more } = fieldsOf(
    value,
    place,
  );
  for (const [name, text] of Object.entries({ id, task, queue, body })) {
    if (typeof text !== "string" || text === "") {
      throw mistake(`${place}.${name}`, "a text that is not empty", text);
    }
  }
  if (!isTaskId(id as string)) throw mistake(`${place}.id`, "a task id", id);
  if (!isCount(priority) || priority > 9) {
    throw mistake(`${place}.priority`, "a whole number from 0 to 9", priority);
  }
  if (eta !== null && typeof eta !== "number") {
    throw mistake(`${place}.eta`, "a time (epoch ms) or null", eta);
  }
  const limits = limitsOf(more.limits, `${place}.limits`);
  const unique = uniqueOf(more.unique, `${place}.unique`);
  return {
    ...{ id, task, queue, priority, eta, body } as Message,
    fresh: more.fresh === true,
    ...(more.replace === true ? { replace: true } : {}),
    ...(limits === undefined ? {} : { limits }),
    ...(unique === undefined ? {} : { unique }),
  };
}

function listIn(body: unknown, name: string): readonly unknown[] {
  const list = fieldsOf(body, "the request")[name];
  if (!Array.isArray(list)) throw mistake(name, "a list", list);
  if (list.length > MOST_ITEMS) {
    throw new Refused(
      413,
      `${name} has ${list.length} items; send at most ${MOST_ITEMS} at a time`,
    );
  }
  return list;
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0;
}
