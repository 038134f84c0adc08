/** What stands of a card on paper. Pure, so that it can be tested. */
import type { Card, CardProperty } from '../api/types';

/** How fields are called and written; the card's own concept knows. */
export interface Words {
  labelOf: (name: string, label: string) => string;
  linesOf: (property: CardProperty) => string[];
}

/** One person on paper. */
export interface Entry {
  id: string;
  name: string;
  reading: string;
  /** Title and employer. */
  work: string;
  rows: { id: string; name: string; label: string; lines: string[] }[];
}

/** What a list needs of a person: how to reach them. */
const OF_A_LIST = ['TEL', 'EMAIL', 'ADR', 'BDAY'];
/** What is on no paper: what the head says, what programs need, and pictures. */
const NOWHERE = ['FN', 'N', 'ORG', 'TITLE', 'PHOTO', 'LOGO', 'UID', 'REV', 'PRODID', 'VERSION', 'KIND', 'CREATED', 'SOUND', 'KEY', 'CATEGORIES'];
const ORDER = ['NICKNAME', 'TEL', 'EMAIL', 'IMPP', 'ADR', 'BDAY', 'ANNIVERSARY', 'URL', 'RELATED', 'NOTE'];

export function entryOf(card: Card, style: 'list' | 'cards', { labelOf, linesOf }: Words): Entry {
  const shown = card.properties.filter(({ hidden }) => !hidden);
  const text = (name: string) => shown.find((property) => property.name === name)?.text ?? '';
  const wanted = ({ name }: CardProperty) =>
    style === 'list' ? OF_A_LIST.includes(name) : !NOWHERE.includes(name) && !/^X-(AB|KITH|PHONETIC)/.test(name);
  const place = ({ name }: CardProperty) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
  return {
    id: card.id,
    name: card.name || 'No name',
    reading: card.reading,
    work: [text('TITLE'), text('ORG')].filter((part) => part !== '' && part !== card.name).join(', '),
    rows: shown
      .filter(wanted)
      .toSorted((a, b) => place(a) - place(b))
      .map((property) => ({ id: property.id, name: property.name, label: labelOf(property.name, property.label), lines: linesOf(property) })),
  };
}
