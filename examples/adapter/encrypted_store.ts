/**
 * A store around another one, in which nothing that tasks say can be read:
 * arguments, results and schedules are encrypted by this process before they
 * leave it (AES-GCM, 256 bits), and decrypted by those who have the key.
 *
 * What stores sort, search and count by stays as it is: ids, names of tasks
 * and queues, states, times, the text of errors and the metadata of results.
 * To look for a text in the values of results finds nothing.
 *
 * @module
 */

import type {
  Broker,
  DeadLetters,
  Delivery,
  GroupPlan,
  Inspector,
  Message,
  ResultBackend,
  ResultRecord,
  Scheduler,
  ScheduleRecord,
  Settlement,
  Store,
} from "@lovage/lovage/contracts";

/** What an encrypted text begins with. */
const MARK = "enc1:";
const IV_BYTES = 12;

/**
 * Encrypts what another store keeps.
 *
 * @param inner the store; it is opened and closed with this one
 * @param secret 32 bytes, in base64
 */
export function encryptedStore(inner: Store, secret: string): Store {
  const raw = Uint8Array.from(atob(secret), (char) => char.charCodeAt(0));
  if (raw.length !== 32) {
    throw new TypeError(
      `The key must have 32 bytes in base64, but it has ${raw.length}: make one with "openssl rand -base64 32"`,
    );
  }
  const cipher = new Cipher(raw);
  return {
    scheme: inner.scheme,
    address: inner.address,
    capabilities: inner.capabilities,
    get warnings() {
      return inner.warnings;
    },
    migrations: inner.migrations,
    broker: brokerOf(inner.broker, cipher),
    results: resultsOf(inner.results, cipher),
    scheduler: schedulerOf(inner.scheduler, cipher),
    inspector: inspectorOf(inner.inspector, cipher),
    deadLetters: deadLettersOf(inner.deadLetters, cipher),
    // Neither holds what tasks say: orders to workers, and counters.
    bus: inner.bus,
    history: inner.history,
    open: () => inner.open(),
    close: () => inner.close(),
  };
}

/** Encrypts and decrypts what has a text in one of its fields. */
class Cipher {
  readonly #key: Promise<CryptoKey>;

  constructor(key: Uint8Array<ArrayBuffer>) {
    this.#key = crypto.subtle.importKey("raw", key, "AES-GCM", false, [
      ...["encrypt", "decrypt"] as const,
    ]);
  }

  async seal(text: string): Promise<string> {
    // One that is never used twice for a key.
    const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
    const bytes = await crypto.subtle.encrypt(
      { name: "AES-GCM", iv },
      await this.#key,
      new TextEncoder().encode(text),
    );
    return `${MARK}${toBase64(iv)}${toBase64(new Uint8Array(bytes))}`;
  }

  /**
   * What cannot be decrypted is returned as it is: one message under a lost
   * key must not fail the batch that it comes in. As no envelope it becomes a
   * dead letter. So what was sent before there was encryption is still read.
   */
  async open(text: string): Promise<string> {
    if (!text.startsWith(MARK)) return text;
    try {
      const [iv, bytes] = [text.slice(5, 21), text.slice(21)].map(fromBase64);
      const plain = await crypto.subtle.decrypt(
        { name: "AES-GCM", iv: iv as Uint8Array<ArrayBuffer> },
        await this.#key,
        bytes as Uint8Array<ArrayBuffer>,
      );
      return new TextDecoder().decode(plain);
    } catch {
      return text;
    }
  }

  async sealBody<T extends { readonly body: string }>(it: T): Promise<T> {
    return { ...it, body: await this.seal(it.body) };
  }

  async openBody<T extends { readonly body: string }>(it: T): Promise<T> {
    return { ...it, body: await this.open(it.body) };
  }

  async sealResult(it: ResultRecord): Promise<ResultRecord> {
    return it.value === null ? it : { ...it, value: await this.seal(it.value) };
  }

  async openResult(it: ResultRecord): Promise<ResultRecord> {
    return it.value === null ? it : { ...it, value: await this.open(it.value) };
  }

  async sealGroup(plan: GroupPlan): Promise<GroupPlan> {
    return { ...plan, body: await this.sealBody(plan.body) };
  }

  /** Everything that a finished task causes: it is one step, and stays one. */
  async sealSettlement(it: Settlement): Promise<Settlement> {
    const { action, result, publish, groups } = it;
    return {
      ...it,
      action: action.kind === "requeue"
        ? { ...action, message: await this.sealBody(action.message) }
        : action,
      ...result && { result: await this.sealResult(result) },
      ...publish && { publish: await all(publish, (m) => this.sealBody(m)) },
      ...groups && { groups: await all(groups, (g) => this.sealGroup(g)) },
    };
  }
}

function brokerOf(inner: Broker, cipher: Cipher): Broker {
  return {
    async publish(batch, options) {
      const groups = options?.groups;
      return await inner.publish(await all(batch, (m) => cipher.sealBody(m)), {
        ...options,
        ...groups && { groups: await all(groups, (g) => cipher.sealGroup(g)) },
      });
    },
    async reserve(request): Promise<readonly Delivery[]> {
      const deliveries = await inner.reserve(request);
      return await all(deliveries, (each) => cipher.openBody(each));
    },
    async settle(consumer, batch) {
      const sealed = await all(batch, (each) => cipher.sealSettlement(each));
      return await inner.settle(consumer, sealed);
    },
    async cancel(batch) {
      return await inner.cancel(
        await all(batch, async (each) => ({
          ...each,
          ...each.result && { result: await cipher.sealResult(each.result) },
        })),
      );
    },
    heartbeat: (consumer) => inner.heartbeat(consumer),
    leave: (consumer) => inner.leave(consumer),
    reap: () => inner.reap(),
    pause: (queues, paused) => inner.pause(queues, paused),
    holders: (keys) => inner.holders(keys),
    purge: (queues) => inner.purge(queues),
  };
}

function resultsOf(inner: ResultBackend, cipher: Cipher): ResultBackend {
  return {
    async store(batch) {
      await inner.store(await all(batch, (each) => cipher.sealResult(each)));
    },
    async fetch(ids) {
      const records = await inner.fetch(ids);
      return await all(
        records,
        async (each) => each && await cipher.openResult(each),
      );
    },
    async query(filter, page) {
      const { items, ...rest } = await inner.query(filter, page);
      return {
        ...rest,
        items: await all(items, (each) => cipher.openResult(each)),
      };
    },
    async openGroups(plans) {
      await inner.openGroups(
        await all(plans, (each) => cipher.sealGroup(each)),
      );
    },
    async endMembers(ends): Promise<readonly Message[]> {
      const bodies = await inner.endMembers(ends);
      return await all(bodies, (each) => cipher.openBody(each));
    },
    subscribe: (listener) => inner.subscribe(listener),
    forget: (ids) => inner.forget(ids),
    countByState: () => inner.countByState(),
    expire: (limit) => inner.expire(limit),
  };
}

function schedulerOf(inner: Scheduler, cipher: Cipher): Scheduler {
  const openRecord = async (each: ScheduleRecord | null) =>
    each && await cipher.openBody(each);
  return {
    async put(batch) {
      return await inner.put(await all(batch, (each) => cipher.sealBody(each)));
    },
    async fetch(names) {
      return await all(await inner.fetch(names), openRecord);
    },
    async list(after, limit) {
      const { records, next } = await inner.list(after, limit);
      return { records: await all(records, (r) => cipher.openBody(r)), next };
    },
    async fire(batch) {
      return await inner.fire(
        await all(batch, async (each) => ({
          ...each,
          messages: await all(each.messages, (m) => cipher.sealBody(m)),
        })),
      );
    },
    remove: (names) => inner.remove(names),
    lead: (candidate) => inner.lead(candidate),
    resign: (id) => inner.resign(id),
    leader: () => inner.leader(),
  };
}

function inspectorOf(inner: Inspector, cipher: Cipher): Inspector {
  return {
    async find(ids) {
      const found = await inner.find(ids);
      return await all(
        found,
        async (each) => each && await cipher.openBody(each),
      );
    },
    async tasks(filter, page) {
      const { items, ...rest } = await inner.tasks(filter, page);
      return {
        ...rest,
        items: await all(items, (each) => cipher.openBody(each)),
      };
    },
    limits: (limits) => inner.limits(limits),
    queues: () => inner.queues(),
    consumers: () => inner.consumers(),
  };
}

function deadLettersOf(inner: DeadLetters, cipher: Cipher): DeadLetters {
  return {
    async list(page) {
      const { items, ...rest } = await inner.list(page);
      return {
        ...rest,
        items: await all(items, (each) => cipher.openBody(each)),
      };
    },
    redrive: (keys) => inner.redrive(keys),
    purge: (keys) => inner.purge(keys),
  };
}

/** Ports take batches, so that all of one is worked on at once. */
function all<T, U>(
  batch: readonly T[],
  work: (each: T) => Promise<U>,
): Promise<U[]> {
  return Promise.all(batch.map(work));
}

function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}
