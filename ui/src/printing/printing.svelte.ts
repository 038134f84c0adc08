/** What is printed: some contacts, as a list or as whole cards, read one after the other. */
import { refusal, type Client, type Refusal } from '../api/client';
import type { Card, ContactsPage } from '../api/types';

/** Asks for a part of the list. */
export type AskList = (offset: number, limit: number) => Promise<ContactsPage>;

export class Printing {
  readonly title: string;
  style = $state<'list' | 'cards'>('list');
  /** Nothing before all of them are read. */
  cards = $state.raw<Card[]>();
  error = $state.raw<Refusal>();
  /** How many are read, of how many. */
  done = $state(0);
  total = $state(0);
  #client: Client;
  #closed = false;

  constructor(client: Client, title: string, style: 'list' | 'cards' = 'list') {
    this.#client = client;
    this.title = title;
    this.style = style;
  }

  /** Reads these contacts. */
  async readThese(ids: string[]): Promise<void> {
    this.error = undefined;
    this.cards = undefined;
    this.total = ids.length;
    try {
      if (ids.length > PRINTED_MAX) throw tooMany(ids.length);
      const cards: Card[] = [];
      for (let from = 0; from < ids.length; from += AT_ONCE) {
        const some = ids.slice(from, from + AT_ONCE);
        cards.push(...(await Promise.all(some.map((id) => this.#client.call('contacts.show', { id, history: false })))));
        if (this.#closed) return;
        this.done = cards.length;
      }
      this.cards = cards;
    } catch (thrown) {
      this.error = refusal(thrown);
    }
  }

  /** Reads all that a list shows. */
  async readAll(ask: AskList): Promise<void> {
    try {
      const ids: string[] = [];
      for (let total = 1; ids.length < total; ) {
        const page = await ask(ids.length, PAGE_ROWS);
        total = page.total;
        if (total > PRINTED_MAX) throw tooMany(total);
        if (page.contacts.length === 0) break;
        ids.push(...page.contacts.map(({ id }) => id));
      }
      await this.readThese(ids);
    } catch (thrown) {
      this.error = refusal(thrown);
    }
  }

  /** Nobody wants it any more. */
  close(): void {
    this.#closed = true;
  }
}

const tooMany = (count: number): Refusal => ({
  code: 'too_large',
  message: `That would be ${count} contacts. Choose a group, or select up to ${PRINTED_MAX}.`,
});

export const PRINTED_MAX = 2_000;
const PAGE_ROWS = 1_000;
const AT_ONCE = 50;
