/**
 * What is said about a task.
 *
 * @module
 */

/** Where a task is, or what an id stands for. */
export type Whereabouts =
  /** Ready to be taken from its queue. */
  | "queued"
  /** It waits for its time. */
  | "scheduled"
  /** A worker holds it, started or not. */
  | "held"
  /** It has ended; there is a result. */
  | "ended"
  /** It could never run: it is among the dead letters. */
  | "dead"
  /** What comes before it has not ended; it was not sent yet. */
  | "to come"
  /** There is a result, and no message: it cannot go on by itself. */
  | "gone"
  /** The id of a group. */
  | "group"
  /** The name of a schedule entry. */
  | "schedule entry"
  /** Nothing is known of it. */
  | "unknown";

/**
 * What a task has to get through before it has run, in about this order: it
 * was sent, its message can be read, its time has come, it has not expired,
 * was not revoked, its limits have room, its queue is not paused, a live
 * worker serves that and knows the task, it is its turn, there is a free
 * slot, the worker that took it is there, and its run comes to an end.
 */
export type Gate =
  | "sent"
  | "message"
  | "eta"
  | "expiry"
  | "revocation"
  | "limit"
  | "pause"
  | "worker"
  | "registered"
  | "turn"
  | "slot"
  | "lease"
  | "run";

/** Whether a task is through a gate, is held by it, or nobody can say. */
export type GateState = "passed" | "holding" | "unknown";

/** One thing that there is to say of a task. */
export interface ExplanationLine {
  /** What it is about; `null` for what neither holds it nor lets it pass. */
  readonly gate: Gate | null;
  /** How that stands; `null` where there is no gate. */
  readonly state: GateState | null;
  /** That in words. */
  readonly sentence: string;
}

/** Where a task is, and why it does not run. */
export interface Explanation {
  /** The id that was asked about. */
  readonly id: string;
  /** The name of the task, if it is known. */
  readonly task: string | null;
  /** The state, in the terms of results. */
  readonly state: string;
  /** Where it is. */
  readonly where: Whereabouts;
  /** What there is to say: each sentence says one thing. */
  readonly sentences: readonly string[];
  /**
   * The same for programs: each sentence with the gate that it is about, and
   * beside them the gates that a task is through without a word.
   */
  readonly lines: readonly ExplanationLine[];
  /** What may help: commands to type. */
  readonly cures: readonly string[];
}

/** Gathers what there is to say. */
export class Notes {
  readonly #lines: ExplanationLine[] = [];
  readonly #quiet = new Set<ExplanationLine>();
  readonly #cures = new Set<string>();

  /** What was said so far. */
  get sentences(): readonly string[] {
    return this.#lines.filter((line) => !this.#quiet.has(line))
      .map(({ sentence }) => sentence);
  }

  /** What was said so far, and which gates are passed without a word. */
  get lines(): readonly ExplanationLine[] {
    return this.#lines;
  }

  /** What was advised so far, each once. */
  get cures(): readonly string[] {
    return [...this.#cures];
  }

  /** Says a sentence that is about no gate. */
  say(sentence: string): void {
    this.#lines.push({ gate: null, state: null, sentence });
  }

  /** Says what holds it. */
  holds(gate: Gate, sentence: string): void {
    this.#lines.push({ gate, state: "holding", sentence });
  }

  /** Says of what nobody knows whether it holds it. */
  doubts(gate: Gate, sentence: string): void {
    this.#lines.push({ gate, state: "unknown", sentence });
  }

  /** Says what it is through. */
  passes(gate: Gate, sentence: string): void {
    this.#lines.push({ gate, state: "passed", sentence });
  }

  /** Notes what it is through, which goes without saying. */
  passesQuietly(gate: Gate, sentence: string): void {
    this.passes(gate, sentence);
    const last = this.#lines.at(-1);
    if (last !== undefined) this.#quiet.add(last);
  }

  /** Advises to type a command. */
  advise(command: string): void {
    this.#cures.add(command);
  }
}
