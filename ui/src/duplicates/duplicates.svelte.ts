/**
 * The pairs that may be the same person, surest first, and the one that is open.
 *
 * They are looked for when the page is opened and when contacts change while it is open; never behind the page's back.
 */
import { refusal, type Client, type Refusal } from '../api/client';
import type { DuplicatePair } from '../api/types';
import { Comparison } from './comparison.svelte';

export class Duplicates {
  /** Nothing before the first answer. */
  pairs = $state.raw<DuplicatePair[]>();
  households = $state(0);
  error = $state.raw<Refusal>();
  /** An answer is out for longer than a person notices. */
  slow = $state(false);
  open = $state.raw<Comparison>();
  #client: Client;
  #sequence = 0;

  constructor(client: Client) {
    this.#client = client;
  }

  /** The first of them: as they are answered, the next come up. */
  get shown(): DuplicatePair[] {
    return (this.pairs ?? []).slice(0, SHOWN_MAX);
  }

  /** The place of the open pair. */
  get at(): number {
    const { open } = this;
    return open ? this.shown.findIndex((pair) => pair.a === open.a.id && pair.b === open.b.id) : -1;
  }

  /** Looks for pairs; the open one stays open, or the one that took its place opens. */
  async load(): Promise<void> {
    const sequence = ++this.#sequence;
    const at = Math.max(0, this.at);
    const timer = setTimeout(() => (this.slow = true), SLOW_MS);
    try {
      const { pairs, households } = await this.#client.call('contacts.duplicates', {});
      if (sequence !== this.#sequence) return;
      this.pairs = pairs;
      this.households = households;
      this.error = undefined;
      if (this.at >= 0) void this.open?.load();
      else this.show(Math.min(at, this.shown.length - 1));
    } catch (thrown) {
      if (sequence === this.#sequence) this.error = refusal(thrown);
    } finally {
      clearTimeout(timer);
      if (sequence === this.#sequence) this.slow = false;
    }
  }

  /** Opens the pair at a place; none where there is none. */
  show(at: number): void {
    const pair = this.shown[at];
    if (pair && at === this.at) return;
    this.open = pair && this.compare({ id: pair.a, name: pair.a_name }, { id: pair.b, name: pair.b_name });
  }

  /** Puts two contacts beside each other. */
  compare(a: { id: string; name: string }, b: { id: string; name: string }): Comparison {
    const comparison = new Comparison(this.#client, a, b);
    void comparison.load();
    return comparison;
  }

  /** Opens the pair after this one, the first after the last. */
  skip(): void {
    const count = this.shown.length;
    if (count > 0) this.show((this.at + 1) % count);
  }

  /** Takes the open pair off the list, as soon as it is answered. */
  settle(answered: Comparison): void {
    const at = this.at;
    const gone = (pair: DuplicatePair) => pair.a === answered.a.id && pair.b === answered.b.id;
    this.pairs = this.pairs?.filter((pair) => !gone(pair));
    if (this.open !== answered) return;
    this.open = undefined;
    this.show(Math.min(Math.max(0, at), this.shown.length - 1));
  }

  async apart({ a, b }: Comparison): Promise<void> {
    await this.#client.call('contacts.apart', { a: a.id, b: b.id });
  }
}

const SLOW_MS = 300;
const SHOWN_MAX = 200;
