/**
 * The strict check of what claims to be an envelope.
 *
 * Written out field by field, because every task passes it: a table of checks
 * costs several times as much.
 *
 * @module
 */

import { DecodeError } from "../errors.ts";
import type { Envelope } from "./envelope.ts";
import { isTaskId } from "./ids.ts";
import type { SignatureJson } from "./signature_json.ts";

const TEXT = "text that is not empty";
const TIME = "a number (epoch ms)";
const SPAN = "a number (ms) that is not negative";
const COUNT = "a whole number that is not negative";
const OBJECT = "an object";
const LIST = "a list";

/** Anything with members. */
type Fields<T> = { readonly [Name in keyof T]?: unknown };

/**
 * Makes sure that a value read from JSON is an envelope.
 *
 * @throws {DecodeError} at the first field that is wrong
 */
export function checkEnvelope(value: unknown): asserts value is Envelope {
  if (!isObject(value)) {
    throw new DecodeError(
      `The message must be an envelope, but it is ${shown(value)}`,
    );
  }
  const it: Fields<Envelope> = value;
  checkVersion(it.v);
  if (!isTaskId(it.id)) wrong("id", it.id, "a task id");
  if (!isText(it.task)) wrong("task", it.task, TEXT);
  checkArgs(it, "");
  if (!isCount(it.retries)) wrong("retries", it.retries, COUNT);
  if (!isNumber(it.sentAt)) wrong("sentAt", it.sentAt, TIME);
  if (!isText(it.rootId)) wrong("rootId", it.rootId, "a task id");
  if (!isText(it.queue)) wrong("queue", it.queue, TEXT);
  if (!isCount(it.priority) || it.priority > 9) {
    wrong("priority", it.priority, "a whole number from 0 to 9");
  }
  checkTimes(it);
  checkTexts(it);
  if (it.groupIndex !== undefined && !isCount(it.groupIndex)) {
    wrong("groupIndex", it.groupIndex, COUNT);
  }
  if (it.ignoreResult !== undefined && typeof it.ignoreResult !== "boolean") {
    wrong("ignoreResult", it.ignoreResult, "true or false");
  }
  if (it.headers !== undefined && !isObject(it.headers)) {
    wrong("headers", it.headers, OBJECT);
  }
  if (it.link !== undefined) checkCanvases(it.link, "link");
  if (it.linkError !== undefined) checkCanvases(it.linkError, "linkError");
  if (it.chain !== undefined) checkCanvases(it.chain, "chain");
  if (it.chord !== undefined && typeof it.chord !== "boolean") {
    wrong("chord", it.chord, "true or false");
  }
  if (it.header !== undefined) checkHeader(it.header);
  if (it.outcome !== undefined) checkOutcome(it.outcome);
  if (it.unique !== undefined && it.unique !== false) checkUnique(it.unique);
}

function checkCanvases(value: unknown, field: string): void {
  if (!Array.isArray(value)) wrong(field, value, "a list of signatures");
  for (let index = 0; index < value.length; index++) {
    checkCanvas(value[index], `${field}[${index}]`);
  }
}

function checkCanvas(value: unknown, field: string): void {
  if (!isObject(value)) wrong(field, value, "a signature");
  const { chain, group, chord, body } = value;
  const parts = chain ?? group ?? chord;
  if (parts === undefined) return checkSignature(value, field);
  checkCanvases(parts, field);
  if (chord !== undefined) checkCanvas(body, `${field}.body`);
}

function checkHeader(value: unknown): void {
  if (!isObject(value)) wrong("header", value, OBJECT);
  const { group, size, ids } = value;
  if (!isText(group)) wrong("header.group", group, TEXT);
  if (!isCount(size)) wrong("header.size", size, COUNT);
  if (ids !== undefined && !isObject(ids)) wrong("header.ids", ids, OBJECT);
}

function checkOutcome(value: unknown): void {
  if (!isObject(value)) wrong("outcome", value, OBJECT);
  const { value: result, error } = value;
  if (error !== undefined ? isText(error) : result === null) return;
  if (error === undefined && isText(result)) return;
  wrong("outcome", value, "an object with a value or an error");
}

function checkUnique(value: unknown): void {
  if (!isObject(value)) wrong("unique", value, "an object or false");
  const { key, for: span, onConflict } = value;
  if (key !== undefined && typeof key !== "string") {
    wrong("unique.key", key, "a text");
  }
  if (span !== undefined && !isSpan(span)) wrong("unique.for", span, SPAN);
  if (!["skip", "replace", "keepLast"].includes(onConflict as string)) {
    wrong("unique.onConflict", onConflict, '"skip", "replace" or "keepLast"');
  }
}

function checkVersion(version: unknown): void {
  if (version === 1) return;
  if (typeof version === "number") {
    throw new DecodeError(
      `The message has version ${version}, but this worker reads version 1; ` +
        "upgrade the worker",
    );
  }
  wrong("v", version, "1");
}

function checkTimes(it: Fields<Envelope>): void {
  const { eta, expires, retriedAt, unknownSince } = it;
  if (eta !== undefined && !isNumber(eta)) wrong("eta", eta, TIME);
  if (expires !== undefined && !isNumber(expires)) {
    wrong("expires", expires, TIME);
  }
  if (retriedAt !== undefined && !isNumber(retriedAt)) {
    wrong("retriedAt", retriedAt, TIME);
  }
  if (unknownSince !== undefined && !isNumber(unknownSince)) {
    wrong("unknownSince", unknownSince, TIME);
  }
  const { softTimeLimit, timeLimit } = it;
  if (softTimeLimit !== undefined && !isSpan(softTimeLimit)) {
    wrong("softTimeLimit", softTimeLimit, SPAN);
  }
  if (timeLimit !== undefined && !isSpan(timeLimit)) {
    wrong("timeLimit", timeLimit, SPAN);
  }
}

function checkTexts(it: Fields<Envelope>): void {
  const { parentId, group, origin, shadow, later, calledAs } = it;
  if (parentId !== undefined && !isText(parentId)) {
    wrong("parentId", parentId, TEXT);
  }
  if (group !== undefined && !isText(group)) wrong("group", group, TEXT);
  if (origin !== undefined && !isText(origin)) wrong("origin", origin, TEXT);
  if (shadow !== undefined && !isText(shadow)) wrong("shadow", shadow, TEXT);
  if (later !== undefined && !isText(later)) wrong("later", later, TEXT);
  if (calledAs !== undefined && !isText(calledAs)) {
    wrong("calledAs", calledAs, TEXT);
  }
}

function checkSignature(value: unknown, field: string): void {
  if (!isObject(value)) wrong(field, value, "a signature");
  const it: Fields<SignatureJson> = value;
  if (!isText(it.task)) wrong(`${field}.task`, it.task, TEXT);
  checkArgs(it, `${field}.`);
  if (!isObject(it.options)) wrong(`${field}.options`, it.options, OBJECT);
  if (it.immutable !== undefined && typeof it.immutable !== "boolean") {
    wrong(`${field}.immutable`, it.immutable, "true or false");
  }
}

/** What envelopes and signatures have in common. */
function checkArgs(it: Fields<SignatureJson>, prefix: string): void {
  const { args, kwargs, meta } = it;
  if (!Array.isArray(args)) wrong(`${prefix}args`, args, LIST);
  if (kwargs !== undefined && !isObject(kwargs)) {
    wrong(`${prefix}kwargs`, kwargs, OBJECT);
  }
  if (meta !== undefined && !isObject(meta)) {
    wrong(`${prefix}meta`, meta, OBJECT);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

// JSON has no infinity, but 1e999 is read as one.
function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

function isSpan(value: unknown): value is number {
  return isNumber(value) && value >= 0;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function wrong(field: string, found: unknown, wanted: string): never {
  const state = found === undefined ? "it is missing" : `it is ${shown(found)}`;
  throw new DecodeError(
    `The message's "${field}" must be ${wanted}, but ${state}`,
  );
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return LIST;
  if (typeof value === "object" && value !== null) return OBJECT;
  if (typeof value !== "string") return String(value);
  const text = value.length > 60 ? `${value.slice(0, 60)}…` : value;
  return JSON.stringify(text);
}
