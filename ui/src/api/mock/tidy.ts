/** Duplicates and merging in the hub in memory: by name, mail and number, as far as looking at the window needs. */
import type { Card, CardProperty, DuplicatePair, Duplicates, MergeChoice, MergeField, Merged } from '../types';
import type { MockBook } from './book';

const SINGLE = ['FN', 'N', 'BDAY', 'PRONOUNS'];
const fold = (text: string) => text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase().trim();
const plain = ({ name, text, e164 }: CardProperty) => (name === 'TEL' ? e164 || text.replaceAll(/\D/g, '') : fold(text));

/** The pairs that share a name or a mail address; who shares a number alone is a household. */
export function duplicates(book: MockBook, apart: Set<string>): Duplicates {
  const cards = [...book.kept.values()].map(({ card }) => card).filter((card) => !card.trashed && !card.me);
  const by = new Map<string, Card[]>();
  for (const card of cards) {
    const values = card.properties.filter(({ name }) => ['TEL', 'EMAIL'].includes(name)).map((one) => `${one.name} ${plain(one)}`);
    for (const key of new Set([`NAME ${fold(card.name)}`, ...values])) by.set(key, [...(by.get(key) ?? []), card]);
  }
  const found = new Map<string, { a: Card; b: Card; same: string[] }>();
  for (const [key, [a, b]] of by) {
    if (!a || !b) continue;
    const pair = [a.id, b.id].sort().join(' ');
    const same = { NAME: 'name', TEL: 'number', EMAIL: 'mail address' }[key.split(' ')[0] ?? ''] ?? '';
    found.set(pair, { a, b, same: [...(found.get(pair)?.same ?? []), same] });
  }
  const pairs: DuplicatePair[] = [];
  let households = 0;
  for (const [pair, { a, b, same }] of found) {
    if (same.every((what) => what === 'number')) households += 1;
    else if (!apart.has(pair)) {
      const why = `same ${same.join(' and ')}`;
      pairs.push({ a: a.id, b: b.id, a_name: a.name, b_name: b.name, why, score: 50 + 16 * same.length });
    }
  }
  return { pairs: pairs.sort((one, other) => other.score - one.score), households };
}

/** What merging comes to, and the card it makes. */
export function merged(a: Card, b: Card, choices: MergeChoice[]): { answer: Merged; card: Card } {
  const fields: MergeField[] = [];
  const kept: CardProperty[] = [];
  const rest = b.properties.filter(({ hidden }) => !hidden);
  const take = (one: CardProperty | undefined, other: CardProperty | undefined) => {
    const some = one ?? other;
    if (!some) return;
    const single = SINGLE.includes(some.name);
    const field = `${some.name} ${(one ?? other)?.id ?? ''}`;
    const differs = one !== undefined && other !== undefined && plain(one) !== plain(other);
    const shown = one && other ? (differs && !single ? 'both' : 'a') : one ? 'a' : 'b';
    const keep = choices.find((choice) => choice.field === field)?.keep ?? shown;
    fields.push({ field, name: some.name, label: some.label, a: one?.text ?? '', b: other?.text ?? '', keep, single, differs });
    if (one && keep !== 'b') kept.push(one);
    if (other && keep !== 'a') kept.push(other);
  };
  for (const one of a.properties.filter(({ hidden }) => !hidden)) {
    const at = rest.findIndex((other) => other.name === one.name && (SINGLE.includes(one.name) || one.name === 'ORG' || plain(other) === plain(one)));
    take(one, at < 0 ? undefined : rest.splice(at, 1)[0]);
  }
  for (const other of rest) take(undefined, other);
  const name = kept.find((property) => property.name === 'FN')?.text ?? a.name;
  const groups = [...a.groups, ...b.groups.filter(({ id }) => !a.groups.some((own) => own.id === id))];
  return { answer: { id: a.id, fields }, card: { ...a, name, properties: kept, groups } };
}
