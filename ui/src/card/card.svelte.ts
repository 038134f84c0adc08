/**
 * The card that is open: read, read again when it changes, and what can be done with it.
 *
 * A field whose text changed since the last reading is lit once, whoever changed it.
 */
import { SvelteSet } from 'svelte/reactivity';
import { refusal, type Client, type Refusal } from '../api/client';
import type { Around, Card, CardProperty, PropertyEdit } from '../api/types';
import { shownOf } from './fields';

export class OpenCard {
  card = $state.raw<Card>();
  error = $state.raw<Refusal>();
  /** Who belongs to the contact; read after the card. */
  around = $state.raw<Around>();
  slow = $state(false);
  /** The properties that have just changed. */
  readonly lit = new SvelteSet<string>();
  /** The questions put off until later, by property. */
  readonly later = new SvelteSet<string>();
  #id = $state<string>();
  #client: Client;
  #sequence = 0;
  #litTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(client: Client) {
    this.#client = client;
  }

  /** The contact that is open, even while its card is on its way. */
  get id(): string | undefined {
    return this.#id;
  }

  /** Opens a contact. */
  async open(id: string): Promise<void> {
    if (id !== this.#id) {
      this.lit.clear();
      this.later.clear();
      this.around = undefined;
      this.error = undefined;
    }
    this.#id = id;
    await this.#read();
  }

  close(): void {
    this.#sequence += 1;
    this.#id = undefined;
    this.card = undefined;
    this.around = undefined;
    this.error = undefined;
  }

  /** Reads again, because something changed. */
  async reload(): Promise<void> {
    if (this.#id !== undefined) await this.#read();
  }

  /** The history of the open contact, newest first. */
  async history(): Promise<Card> {
    return this.#client.call('contacts.show', { id: this.#id ?? '', history: true });
  }

  /** Settles concurrent values; an empty value leaves the property removed. */
  async choose(property: CardProperty, value: string): Promise<void> {
    await this.#client.call('contacts.choose', { id: this.#id ?? '', property_id: property.id, value });
  }

  /** Keeps one value in its place and adds the others beside it; answers how many changes that made. */
  async keepAll(property: CardProperty, value: string): Promise<number> {
    const values = [property.value, ...property.others.filter((other) => !other.removed).map((other) => other.value)];
    const set = [...new Set(values)]
      .filter((other) => other !== value && other !== '')
      .map((other): PropertyEdit => ({
        add: true,
        name: property.name,
        params: property.params,
        value: other,
        ...this.#ownLabel(property),
      }));
    if (set.length > 0) await this.#client.call('contacts.edit', { id: this.#id ?? '', set, unset: [] });
    await this.choose(property, value);
    return set.length > 0 ? 2 : 1;
  }

  /** The person's own label stands in a property beside it, of the same group; a type is in the parameters already. */
  #ownLabel({ group, label }: CardProperty): { label?: string } {
    const own =
      group !== '' && this.card?.properties.some((other) => other.name === 'X-ABLABEL' && other.group === group);
    return own ? { label } : {};
  }

  /** Moves a value past so many others of its name; answers its place among how many, or nothing if it cannot go there. */
  async move(id: string, by: number): Promise<{ at: number; of: number } | undefined> {
    const name = this.card?.properties.find((property) => property.id === id)?.name;
    const alike = shownOf(this.card).filter((property) => property.name === name && property.layer === 'mine');
    const ids = alike.map((property) => property.id);
    const to = ids.indexOf(id) + by;
    if (!ids.includes(id) || to < 0 || to >= ids.length) return undefined;
    const order = ids.toSpliced(ids.indexOf(id), 1).toSpliced(to, 0, id);
    await this.#client.call('contacts.edit', { id: this.#id ?? '', set: [], unset: [], order });
    return { at: to + 1, of: ids.length };
  }

  /** Hides a value of another layer, or shows it again. */
  async hide(property: CardProperty, hide: boolean): Promise<void> {
    await this.#client.call('contacts.hide', { id: this.#id ?? '', property_id: property.id, hide });
  }

  /** Writes the value of a property that is not shown in the place of the one that is. */
  async use(shown: CardProperty, wanted: CardProperty): Promise<void> {
    const edit: PropertyEdit = { property_id: shown.id, add: false, name: shown.name, parts: wanted.parts };
    await this.#client.call('contacts.edit', { id: this.#id ?? '', set: [edit], unset: [] });
  }

  /** Brings back what a property was at a time. */
  async revert(property: string, to: string): Promise<void> {
    await this.#client.call('contacts.revert', { id: this.#id ?? '', property_id: property, to });
  }

  async #read(): Promise<void> {
    const id = this.#id ?? '';
    const sequence = ++this.#sequence;
    const timer = setTimeout(() => (this.slow = true), SLOW_MS);
    try {
      const card = await this.#client.call('contacts.show', { id, history: false });
      if (sequence !== this.#sequence) return;
      if (this.card?.id === card.id) this.#light(this.card, card);
      this.card = card;
      this.error = undefined;
      void this.#readAround(id, sequence);
    } catch (thrown) {
      if (sequence !== this.#sequence) return;
      this.card = undefined;
      this.error = refusal(thrown);
    } finally {
      clearTimeout(timer);
      if (sequence === this.#sequence) this.slow = false;
    }
  }

  async #readAround(id: string, sequence: number): Promise<void> {
    try {
      const around = await this.#client.call('contacts.around', { id });
      if (sequence === this.#sequence) this.around = around;
    } catch {
      // The card is there without it.
    }
  }

  #light(before: Card, after: Card): void {
    const known = new Map(before.properties.map((property) => [property.id, stateOf(property)]));
    const changed = after.properties.filter((property) => known.get(property.id) !== stateOf(property));
    if (changed.length === 0) return;
    clearTimeout(this.#litTimer);
    this.lit.clear();
    for (const property of changed) this.lit.add(property.id);
    this.#litTimer = setTimeout(() => this.lit.clear(), LIT_MS);
  }
}

function stateOf({ value, label, hidden, others }: CardProperty): string {
  return JSON.stringify([value, label, hidden, others.map((other) => [other.value, other.removed])]);
}

const SLOW_MS = 300;
/** As long as the light takes to fade, and a little. */
const LIT_MS = 1_400;
