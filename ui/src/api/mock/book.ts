/** The contacts of the hub in memory: kept as cards, listed as rows. Only as true as looking at the window needs. */
import type { Card, CardProperty, ContactRow, ContactsList, ContactsPage, Group, GroupKind, HistoryEntry, PropertyEdit } from '../types';
import { signs } from './people';
import { PEOPLE, stranger, type SeedContact, type SeedProperty } from './seed';

export interface Kept {
  card: Card;
  history: HistoryEntry[];
  changed: string;
  /** What it sorts by. */
  key: string;
}

const DAY_MS = 86_400_000;
export const ME = 'c0ffee00c0ffee00c0ffee00c0ffee00';

let lastId = 0x1000;
export const freshId = (): string => (++lastId).toString(16).padStart(8, '0') + '5eed'.repeat(6);
const ago = (days: number): string => new Date(Date.now() - days * DAY_MS).toISOString();
const escape = (value: string): string => value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll(',', '\\,').replaceAll(';', '\\;');
const valueOf = (parts: string[][]): string => parts.map((part) => part.map(escape).join(',')).join(';');
const textOf = (name: string, parts: string[][]): string =>
  parts.flat().filter(Boolean).join(name === 'N' ? ' ' : ', ');

/** Reads vCard text the way the hub does: components where the property has them, one text where it has not. */
export function partsOf(name: string, value: string): string[][] {
  const plain = (part: string) => part.replaceAll('\\n', '\n').replaceAll(/\\(.)/g, '$1');
  if (!['N', 'ADR', 'ORG'].includes(name)) return [[plain(value)]];
  return value.split(/(?<!\\);/).map((part) => part.split(/(?<!\\),/).map(plain));
}

/** Who says it: I, unless the seed names accounts; the first of them is shown. */
function layerOf({ accounts = [], mineToo, hidden, changed }: SeedProperty) {
  const layers = [...(mineToo || accounts.length === 0 ? [{ id: '', name: '' }] : []), ...accounts.map((name) => ({ id: `account ${name}`, name }))];
  const source = layers[0]?.name ?? '';
  return { layer: source === '' ? 'mine' : 'account', source, layers, hidden: hidden ?? false, changed_since_hidden: changed ?? false };
}

const MINE = { layer: 'mine', source: '', layers: [{ id: '', name: '' }], hidden: false, changed_since_hidden: false };

/** A number with a country code in E.164; the hub in memory knows no region. */
const e164Of = (name: string, text: string): string => (name === 'TEL' && text.startsWith('+') ? text.replaceAll(/[^+\d]/g, '') : '');

function property(seed: SeedProperty): CardProperty {
  const time = ago(seed.daysAgo ?? 20);
  return {
    id: freshId(),
    name: seed.name,
    group: '',
    label: seed.label ?? seed.type ?? '',
    params: seed.type ? { TYPE: [seed.type] } : {},
    value: valueOf(seed.parts),
    parts: seed.parts,
    text: textOf(seed.name, seed.parts),
    ...layerOf(seed),
    e164: e164Of(seed.name, textOf(seed.name, seed.parts)),
    time,
    device: seed.device ?? 'This laptop',
    path: seed.path ?? 'here',
    others: (seed.others ?? []).map((other) => ({
      value: other.removed ? '' : valueOf(other.parts),
      text: textOf(seed.name, other.parts),
      removed: other.removed ?? false,
      device: other.device,
      time: ago(other.daysAgo),
    })),
  };
}

export class MockBook {
  readonly kept = new Map<string, Kept>();
  readonly groups: Record<GroupKind, Group[]> = { group: [], tag: [] };
  #sorted: Kept[] | undefined;

  constructor(count: number) {
    for (const name of ['Allotment', 'Choir', 'Family', 'Work']) this.groups.group.push({ id: freshId(), name, count: 0 });
    for (const name of ['climbing', 'school run', '上海']) this.groups.tag.push({ id: freshId(), name, count: 0 });
    if (count > 0) for (const seed of PEOPLE) this.#plant(seed);
    for (let at = 0; at < count - PEOPLE.length; at += 1) this.#plant(stranger(at));
  }

  #plant(seed: SeedContact): void {
    const id = freshId();
    const named = (kind: GroupKind, names: string[] = []) => this.groups[kind].filter(({ name }) => names.includes(name)).map(({ id, name }) => ({ id, name }));
    this.keep({
      id, name: seed.name, reading: seed.reading ?? '', organisation: seed.organisation ?? false, me: false, favourite: seed.favourite ?? false,
      trashed: seed.trashed ?? false, trash_undecided: seed.trashUndecided ?? false,
      properties: [property({ name: 'FN', parts: [[seed.name]] }), ...seed.properties.map(property)],
      groups: named('group', seed.groups), tags: named('tag', seed.tags),
    });
  }

  keep(card: Card, changed = ago(20)): Kept {
    const found = this.kept.get(card.id);
    const key = (card.reading || card.name).normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();
    const kept = { card, history: found?.history ?? [], changed, key };
    this.kept.set(card.id, kept);
    this.#sorted = undefined;
    return kept;
  }

  /** The rows of a page, as `contacts.list` answers them. */
  list(request: ContactsList): ContactsPage {
    let all = this.#all().filter(({ card }) => card.trashed === request.trash && !card.me);
    const { find, group, tag } = request;
    if (group) all = all.filter(({ card }) => card.groups.some((own) => own.id === group));
    if (tag) all = all.filter(({ card }) => card.tags.some((own) => own.id === tag));
    if (request.favourites) all = all.filter(({ card }) => card.favourite);
    const home = request.household === undefined ? undefined : this.kept.get(request.household)?.card;
    if (request.household !== undefined)
      all = all.filter(({ card }) => home && card.id !== home.id && signs(card).some((sign) => signs(home).includes(sign)));
    if (request.undecided) all = all.filter(({ card }) => undecided(card) > 0);
    if (find) {
      const words = find.toLowerCase().split(/\s+/);
      all = all.filter(({ card, key }) => words.every((word) => key.includes(word) || card.properties.some(({ text }) => text.toLowerCase().includes(word))));
    }
    if (request.recent) all = [...all].sort((a, b) => b.changed.localeCompare(a.changed));
    const rows = all.slice(request.offset, request.offset + (request.limit ?? 1000)).map(rowOf);
    return { total: all.length, contacts: rows, letters: find || request.recent || request.offset > 0 ? [] : lettersOf(all) };
  }

  #all(): Kept[] {
    return (this.#sorted ??= [...this.kept.values()].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)));
  }

  /** Changes a card; answers what it was, for undo. */
  edit(id: string, set: PropertyEdit[], unset: string[], device: string, path: string): Card | undefined {
    const kept = this.kept.get(id);
    if (!kept) return undefined;
    const before = kept.card;
    const now = new Date().toISOString();
    const note = (old: CardProperty) =>
      kept.history.unshift({ time: old.time, device: old.device, property_id: old.id, name: old.name, value: old.value, text: old.text, until: now, by: device });
    let properties = before.properties.filter((old) => {
      if (unset.includes(old.id)) note(old);
      return !unset.includes(old.id);
    });
    for (const edit of set) {
      const old = properties.find((other) => other.id === edit.property_id);
      const name = old?.name ?? edit.name;
      const parts = edit.parts ?? partsOf(name, edit.value ?? '');
      const params = edit.params ?? old?.params ?? {};
      const label = edit.label || (edit.label === '' || !old ? (params.TYPE?.[0]?.toLowerCase() ?? '') : old.label);
      const fresh: CardProperty = {
        id: old?.id ?? freshId(), name, group: '', label, params, value: valueOf(parts), parts, text: textOf(name, parts),
        ...MINE, e164: e164Of(name, textOf(name, parts)), time: now, device, path, others: [],
      };
      if (old) note(old);
      properties = old ? properties.map((other) => (other.id === old.id ? fresh : other)) : [...properties, fresh];
    }
    const name = properties.find((other) => other.name === 'FN')?.text ?? '';
    const organisation = !properties.some((other) => other.name === 'N' && other.text !== '') && properties.some((other) => other.name === 'ORG');
    this.keep({ ...before, properties, name, organisation }, now);
    return before;
  }

  /** Puts properties into an order, those of each name in the places that they have together. */
  arrange(id: string, order: string[]): void {
    const kept = this.kept.get(id);
    if (!kept) return;
    const { properties } = kept.card;
    const wanted = order.flatMap((one) => properties.find((property) => property.id === one) ?? []);
    const next = properties.map((property) =>
      order.includes(property.id) ? (wanted.splice(wanted.findIndex(({ name }) => name === property.name), 1)[0] ?? property) : property,
    );
    if (order.length > 0) this.keep({ ...kept.card, properties: next }, new Date().toISOString());
  }

  /** A property becomes what it was, also one that was removed. */
  bringBack(id: string, then: HistoryEntry, device: string): void {
    const kept = this.kept.get(id);
    if (!kept) return;
    if (!kept.card.properties.some((property) => property.id === then.property_id)) {
      const gone = { ...property({ name: then.name, parts: [] }), id: then.property_id };
      this.keep({ ...kept.card, properties: [...kept.card.properties, gone] });
    }
    this.edit(id, [{ property_id: then.property_id, add: false, name: then.name, value: then.value }], [], device, 'here');
  }

  countGroups(): void {
    for (const kind of ['group', 'tag'] as const) {
      for (const group of this.groups[kind]) {
        group.count = [...this.kept.values()].filter(({ card }) => !card.trashed && (kind === 'group' ? card.groups : card.tags).some(({ id }) => id === group.id)).length;
      }
    }
  }
}

export const undecided = (card: Card): number => card.properties.filter(({ others }) => others.length > 0).length;

function rowOf({ card, changed, key }: Kept): ContactRow {
  const first = (name: string) => card.properties.find((property) => property.name === name)?.text;
  const own = first('ORG');
  return {
    id: card.id, name: card.name, reading: card.reading, organisation: card.organisation, undecided: undecided(card), changed, favourite: card.favourite,
    letter: letterOf(key), detail: (own === card.name ? undefined : own) ?? first('TEL') ?? first('EMAIL') ?? first('NOTE') ?? '',
  };
}

const letterOf = (key: string): string => (/^[a-z]/.test(key) ? key.charAt(0).toUpperCase() : '#');

function lettersOf(all: Kept[]): ContactsPage['letters'] {
  const letters: ContactsPage['letters'] = [];
  all.forEach(({ key }, offset) => {
    const letter = letterOf(key);
    if (letters[letters.length - 1]?.letter !== letter) letters.push({ letter, offset });
  });
  return letters;
}
