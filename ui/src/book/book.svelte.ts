/**
 * The list of contacts: which of them, in which order, and the pages of it that are at hand.
 *
 * Every question to the hub carries the number of its generation; an answer of an older one is dropped.
 * Old rows stay in view until new ones are there, so that a change elsewhere never makes the list blink.
 */
import { SvelteSet } from 'svelte/reactivity';
import { refusal, type Client, type Refusal, type Request } from '../api/client';
import type { ContactRow, Letter, Match } from '../api/types';
import { listed } from './filters';

/** Which contacts the list shows. */
export type Filter =
  | { kind: 'everyone' | 'favourites' | 'recent' | 'undecided' | 'trash' }
  /** Who shares a home with this contact. */
  | { kind: 'household'; id: string }
  | { kind: 'group' | 'tag'; id: string; name: string };

interface Page {
  generation: number;
  rows: ContactRow[];
}

export class Book {
  filter = $state.raw<Filter>({ kind: 'everyone' });
  find = $state('');
  /** What the rows in view were found by. */
  found = $state('');
  /** How many there are; nothing before the first answer. */
  total = $state.raw<number>();
  letters = $state.raw<Letter[]>([]);
  error = $state.raw<Refusal>();
  /** An answer is out for longer than a person notices. */
  slow = $state(false);
  /** The row that the keyboard is on. */
  active = $state(0);
  readonly selected = new SvelteSet<string>();
  /** Counts the lists that began anew; whoever draws the list scrolls to its top. */
  beginnings = $state(0);
  /** Counts the rows to be brought into view; whoever draws the list scrolls to the active row. */
  reveals = $state(0);

  #pages = $state.raw(new Map<number, Page>());
  /** Where the rows in view say what was looked for. */
  #matches = $state.raw(new Map<string, Match>());
  /** What is known of them may be old. */
  #matchAnew = false;
  #matchTimer: ReturnType<typeof setTimeout> | undefined;
  #client: Client;
  #generation = 0;
  #asked = new Map<number, Promise<void>>();
  #window = { from: 0, to: 30 };
  #anew = true;
  #anchor = 0;
  #slowTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Shows other contacts, from the top. */
  show(filter: Filter): void {
    this.filter = filter;
    this.find = '';
    this.selected.clear();
    this.#begin();
  }

  /** Finds words in the list that is shown, with every letter typed: an answer takes less than the next letter. */
  search(text: string): void {
    this.find = text;
    this.#begin();
  }

  /** Reads again what is in view, because something changed. */
  refresh(): void {
    this.#generation += 1;
    this.#matchAnew = true;
    this.#asked.clear();
    this.#load();
  }

  /** Tells which rows are drawn, so that they are fetched. */
  look(from: number, to: number): void {
    this.#window = { from, to };
    this.#load();
    this.#matchSoon();
  }

  /** Where a contact in view says what was looked for; nothing before that is known, or if nothing is looked for. */
  matchOf(id: string): Match | undefined {
    return this.found === '' ? undefined : this.#matches.get(id);
  }

  /** The contacts that an action on a row concerns: all that are selected if it is one of them, else it alone. */
  meant(id: string): string[] {
    return this.selected.has(id) ? [...this.selected] : [id];
  }

  /** All contacts of the list, whether they are in view or not. */
  async allIds(): Promise<string[]> {
    return this.#idsBetween(0, this.total ?? 0);
  }

  /** The row at a place; nothing while it is on its way. */
  row(index: number): ContactRow | undefined {
    return this.#pages.get(Math.floor(index / PAGE_ROWS))?.rows[index % PAGE_ROWS];
  }

  /** The row of a contact, if it is at hand. */
  rowOf(id: string): ContactRow | undefined {
    for (const { rows } of this.#pages.values()) {
      const found = rows.find((row) => row.id === id);
      if (found) return found;
    }
    return undefined;
  }

  /** The one contact that is selected. */
  get sole(): string | undefined {
    return this.selected.size === 1 ? this.selected.values().next().value : undefined;
  }

  /** Selects one row and forgets the others; waits for a row that is on its way, unless the keyboard moved on. */
  async pick(index: number): Promise<string | undefined> {
    this.active = this.#anchor = index;
    const id = this.row(index)?.id ?? (await this.#arrival(index));
    if (id === undefined || this.active !== index) return undefined;
    this.selected.clear();
    this.selected.add(id);
    return id;
  }

  /** Adds a row to the selection, or takes it out. */
  toggle(index: number): void {
    const id = this.row(index)?.id;
    this.active = this.#anchor = index;
    if (id !== undefined && !this.selected.delete(id)) this.selected.add(id);
  }

  /** Selects from the last picked row to this one. */
  async extend(index: number): Promise<void> {
    this.active = index;
    await this.#selectRange(Math.min(this.#anchor, index), Math.max(this.#anchor, index) + 1);
  }

  /** Selects all rows of the list. */
  selectAll(): Promise<void> {
    return this.#selectRange(0, this.total ?? 0);
  }

  /** Selects a contact wherever it stands; moves the keyboard there if its row is at hand. */
  choose(id: string): void {
    this.selected.clear();
    this.selected.add(id);
    this.#follow(id);
  }

  /**
   * Finds where a contact stands among everyone, and brings it into view. The hub tells its letter; the rows under
   * that letter are looked through.
   */
  async locate(id: string, name: string): Promise<void> {
    if (this.filter.kind !== 'everyone' || this.find !== '') return;
    const generation = this.#generation;
    const ask = (request: Partial<Request<'contacts.list'>>) =>
      this.#client.call('contacts.list', { ...this.#request(0, ASK_ROWS_MAX), ...request });
    const letter = (await ask({ find: name, limit: PAGE_ROWS })).contacts.find((row) => row.id === id)?.letter;
    const { letters, total } = await ask({ limit: 1 });
    const at = letters.findIndex((known) => known.letter === letter);
    const start = letters[at];
    if (!start) return;
    const end = letters[at + 1]?.offset ?? total;
    for (let offset = start.offset; offset < end; offset += ASK_ROWS_MAX) {
      const found = (await ask({ offset })).contacts.findIndex((row) => row.id === id);
      if (generation !== this.#generation && this.sole !== id) return;
      if (found < 0) continue;
      this.active = this.#anchor = offset + found;
      this.reveals += 1;
      return;
    }
  }

  clearSelection(): void {
    this.selected.clear();
  }

  async #arrival(index: number): Promise<string | undefined> {
    const page = Math.floor(index / PAGE_ROWS);
    if (!this.#asked.has(page)) this.#ask(page);
    await this.#asked.get(page);
    return this.row(index)?.id;
  }

  #request(offset: number, limit: number): Request<'contacts.list'> {
    return { ...listed(this.filter, this.find), offset, limit };
  }

  #begin(): void {
    if (this.selected.size > 1) this.selected.clear();
    this.active = this.#anchor = 0;
    this.#window = { from: 0, to: 30 };
    this.#anew = true;
    this.error = undefined;
    this.refresh();
  }

  #load(): void {
    // The first page carries the letters, so it is read again with every generation.
    const pages = new Set([0]);
    const last = Math.floor(Math.max(0, this.#window.to - 1) / PAGE_ROWS);
    for (let page = this.#firstPage(); page <= last; page += 1) pages.add(page);
    for (const page of pages) {
      const fresh = this.#pages.get(page)?.generation === this.#generation;
      if (!fresh && !this.#asked.has(page)) this.#ask(page);
    }
  }

  #ask(page: number): void {
    this.#asked.set(page, this.#fetch(page, this.#generation));
  }

  async #fetch(page: number, generation: number): Promise<void> {
    this.#slowTimer ??= setTimeout(() => (this.slow = true), SLOW_MS);
    try {
      const answer = await this.#client.call('contacts.list', this.#request(page * PAGE_ROWS, PAGE_ROWS));
      if (generation !== this.#generation) return;
      this.#take(page, { generation, rows: answer.contacts }, answer.total, answer.letters);
    } catch (thrown) {
      if (generation === this.#generation) this.error = refusal(thrown);
    } finally {
      if (generation === this.#generation) {
        this.#asked.delete(page);
        if (this.#asked.size === 0) this.#settle();
      }
    }
  }

  #take(page: number, fresh: Page, total: number, letters: Letter[]): void {
    const pages = this.#anew ? new Map<number, Page>() : new Map(this.#pages);
    const activeId = this.row(this.active)?.id;
    pages.set(page, fresh);
    for (const far of farthest([...pages.keys()], this.#firstPage())) if (far !== 0) pages.delete(far);
    this.#pages = pages;
    this.total = total;
    if (page === 0) this.letters = letters;
    this.error = undefined;
    if (this.#anew) {
      this.#anew = false;
      this.found = this.find.trim();
      this.#matches = new Map();
      this.beginnings += 1;
      if (this.sole !== undefined) this.#follow(this.sole);
    } else if (activeId !== undefined) {
      this.#follow(activeId);
    }
    this.active = Math.max(0, Math.min(this.active, total - 1));
    this.#matchSoon();
  }

  /** Asks where the rows in view say what was looked for, after they are painted. */
  #matchSoon(): void {
    clearTimeout(this.#matchTimer);
    if (this.found !== '') this.#matchTimer = setTimeout(() => void this.#match(), MATCH_PAUSE_MS);
  }

  async #match(): Promise<void> {
    const { found } = this;
    const ids: string[] = [];
    for (let index = this.#window.from; index < this.#window.to && ids.length < MATCH_ROWS_MAX; index += 1) {
      const id = this.row(index)?.id;
      if (id !== undefined && (this.#matchAnew || !this.#matches.has(id))) ids.push(id);
    }
    if (ids.length === 0) return;
    this.#matchAnew = false;
    try {
      const { matches } = await this.#client.call('contacts.matches', { find: found, ids });
      if (found !== this.found) return;
      this.#matches = new Map([...this.#matches, ...matches.map((match) => [match.id, match] as const)]);
    } catch {
      // The list is as good without it.
    }
  }

  #firstPage(): number {
    return Math.floor(this.#window.from / PAGE_ROWS);
  }

  #settle(): void {
    clearTimeout(this.#slowTimer);
    this.#slowTimer = undefined;
    this.slow = false;
  }

  /** Moves the keyboard to where a contact stands now, if its row is at hand. */
  #follow(id: string): void {
    for (const [page, { rows }] of this.#pages) {
      const at = rows.findIndex((row) => row.id === id);
      if (at >= 0) this.active = this.#anchor = page * PAGE_ROWS + at;
    }
  }

  async #selectRange(from: number, to: number): Promise<void> {
    const generation = this.#generation;
    const ids = await this.#idsBetween(from, to);
    if (generation !== this.#generation) return;
    this.selected.clear();
    for (const id of ids) this.selected.add(id);
  }

  async #idsBetween(from: number, to: number): Promise<string[]> {
    const ids: string[] = [];
    for (let offset = from; offset < to; offset += ASK_ROWS_MAX) {
      const answer = await this.#client.call(
        'contacts.list',
        this.#request(offset, Math.min(ASK_ROWS_MAX, to - offset)),
      );
      ids.push(...answer.contacts.map((row) => row.id));
    }
    return ids;
  }
}

/** The pages to drop, so that only so many stay around one. */
function farthest(pages: number[], around: number): number[] {
  return pages.sort((a, b) => Math.abs(a - around) - Math.abs(b - around)).slice(PAGES_MAX);
}

const PAGE_ROWS = 100;
const PAGES_MAX = 12;
/** What the hub answers at once. */
const ASK_ROWS_MAX = 1_000;
/** Waiting is shown only after this. */
const SLOW_MS = 300;
const MATCH_PAUSE_MS = 30;
/** What the hub looks through at once. */
const MATCH_ROWS_MAX = 200;
