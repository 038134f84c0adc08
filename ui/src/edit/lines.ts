/**
 * The editor's model: one line per property, compared with what it was when it was read.
 * Everything here is a pure function, so that what a save writes can be tested without a window.
 */
import type { Card, CardProperty, PropertyEdit } from '../api/types';

/** What a property says, in the form it is edited in. */
export interface Content {
  /** The components; each of them on one line of text. */
  parts: string[];
  /** One of the standard types, or empty. */
  type: string;
  /** The person's own label; it stands instead of the type. */
  label: string;
}

/** One property in the editor. */
export interface Line extends Content {
  /** Tells lines apart while they move about. */
  key: number;
  name: string;
  /** The property this line was read from; none for a new one. */
  id?: string;
  params: Record<string, string[]>;
  /** Who says it: `mine`, or another source. */
  layer: string;
  /** The components as the hub sent them: what is untouched goes back as it came. */
  source: string[][];
  /** What it said when it was read. */
  base: Content;
}

/** The properties the editor shows, with how many components they have. */
export const EDITED: Record<string, number> = {
  FN: 1,
  N: 5,
  NICKNAME: 1,
  ORG: 2,
  TITLE: 1,
  TEL: 1,
  EMAIL: 1,
  ADR: 7,
  BDAY: 1,
  ANNIVERSARY: 1,
  PRONOUNS: 1,
  'X-PHONETIC-FIRST-NAME': 1,
  'X-PHONETIC-LAST-NAME': 1,
  'SORT-STRING': 1,
  URL: 1,
  IMPP: 1,
  RELATED: 1,
  ROLE: 1,
  LANG: 1,
  GENDER: 1,
  GRAMGENDER: 1,
  'X-ABDATE': 1,
  'X-KITH-CUSTOM': 1,
  PHOTO: 1,
  NOTE: 1,
};

/** Dates, any part of which may be missing. */
export const DATED = ['BDAY', 'ANNIVERSARY', 'X-ABDATE'];

/** The types offered for a name, in the words of the standard. */
export const TYPES: Record<string, string[]> = {
  TEL: ['cell', 'home', 'work', 'fax', 'pager'],
  EMAIL: ['home', 'work'],
  ADR: ['home', 'work'],
  URL: ['home', 'work'],
  IMPP: ['home', 'work'],
  RELATED: ['spouse', 'child', 'parent', 'sibling', 'friend', 'co-worker', 'emergency'],
  'X-ABDATE': [],
  'X-KITH-CUSTOM': [],
};

/** A relation named in words and not by an address says so (RFC 6350, 6.6.6). */
const NEW_PARAMS: Record<string, Record<string, string[]>> = { RELATED: { VALUE: ['text'] } };

const SORT_AS = 'SORT-AS';
let nextKey = 1;

/** An empty line for a new property. */
export function newLine(name: string, type = ''): Line {
  const content = { parts: Array<string>(EDITED[name] ?? 1).fill(''), type, label: '' };
  return {
    key: nextKey++,
    name,
    params: NEW_PARAMS[name] ?? {},
    layer: 'mine',
    source: [],
    ...content,
    base: { parts: [...content.parts], type, label: '' },
  };
}

/** The line of a property that is there. */
export function lineOf(property: CardProperty): Line {
  const base = contentOf(property);
  return {
    key: nextKey++,
    name: property.name,
    id: property.id,
    params: property.params,
    layer: property.layer,
    source: property.parts,
    ...copyOf(base),
    base,
  };
}

/** The lines of a card, in the order of its properties. What is not shown on the card is not edited either. */
export function linesOf(card: Card): Line[] {
  const lines = card.properties.filter(({ name, hidden }) => name in EDITED && !hidden).map(lineOf);
  const sortAs = lines.find(({ name }) => name === 'N')?.params[SORT_AS]?.join(' ').replaceAll(',', ' ');
  if (sortAs && !lines.some(({ name }) => name === 'SORT-STRING')) lines.push(sortLine(sortAs));
  return lines;
}

/** The line for what the name says it is sorted by (RFC 6350, 5.9), in the place of a property of its own. */
function sortLine(text: string): Line {
  const line = newLine('SORT-STRING');
  return { ...line, parts: [text], base: { ...line.base, parts: [text] } };
}

export const isEmpty = (line: Line): boolean => line.parts.every((part) => part.trim() === '');

/** Whether the person changed the line. */
export const isTouched = (line: Line): boolean => !sameContent(line, line.base);

/** Whether the line gives something to save: an empty line that was always empty does not. */
export const isToSave = (line: Line): boolean =>
  isTouched(line) && !(line.id === undefined && isEmpty(line) && line.base.parts.every((part) => part === ''));

/** What to write so that the card says what the lines say: only what really changed. */
export function editsOf(lines: Line[], removed: string[]): { set: PropertyEdit[]; unset: string[] } {
  const set: PropertyEdit[] = [];
  const unset = [...removed];
  for (const line of lines) {
    if (isEmpty(line)) {
      if (line.id !== undefined) unset.push(line.id);
    } else if (line.id === undefined) {
      if (isTouched(line)) set.push({ add: true, name: line.name, ...saidBy(line), ...typing(line) });
    } else if (isTouched(line)) {
      set.push({
        property_id: line.id,
        add: false,
        name: line.name,
        ...saidBy(line),
        ...(!sameTyping(line) && typing(line)),
      });
    }
  }
  return { set: sortedByOne(lines, set), unset };
}

/** A name that says by itself what it is sorted by no longer does once something else is said. */
function sortedByOne(lines: Line[], set: PropertyEdit[]): PropertyEdit[] {
  const name = lines.find((line) => line.name === 'N' && line.id !== undefined && SORT_AS in line.params);
  const said = lines.some((line) => line.name === 'SORT-STRING' && isTouched(line));
  if (!name || !said) return set;
  const { [SORT_AS]: _, ...params } = name.params;
  const edit = { property_id: name.id, add: false, name: 'N', parts: partsOf(name), params };
  return [...set.filter((other) => other.property_id !== name.id), edit];
}

/**
 * Takes in a card that changed while it was being edited. Lines that the person did not touch follow it; what was
 * typed stays, and is compared with the new card from now on. Answers the lines and the keys of those that changed.
 */
export function merge(lines: Line[], removed: string[], card: Card): { lines: Line[]; changed: number[] } {
  const fresh = new Map(linesOf(card).filter(({ id }) => id !== undefined).map((line) => [line.id, line]));
  const changed: number[] = [];
  const kept: Line[] = [];
  for (const line of lines) {
    const now = line.id === undefined ? undefined : fresh.get(line.id);
    fresh.delete(line.id);
    if (line.id === undefined || (now && sameContent(now.base, line.base))) {
      kept.push(line);
    } else if (now) {
      const content = isTouched(line) ? { parts: line.parts, type: line.type, label: line.label } : now.base;
      if (!isTouched(line)) changed.push(line.key);
      kept.push({ ...now, ...copyOf(content), key: line.key });
    } else if (isTouched(line)) {
      kept.push({ ...line, id: undefined });
    }
  }
  for (const line of fresh.values()) {
    if (line.id !== undefined && removed.includes(line.id)) continue;
    kept.push(line);
    changed.push(line.key);
  }
  return { lines: kept, changed };
}

/**
 * Takes in what a save made of the lines that were sent: new ones learn which property they are, emptied ones are none
 * any more. What was typed since stays typed; what was not is as the hub has it, so that nothing is ever sent twice.
 * Whatever else the card says comes in as in `merge`.
 */
export function settle(lines: Line[], sent: Line[], removed: string[], card: Card): ReturnType<typeof merge> {
  const before = new Map(sent.map((line) => [line.key, line]));
  const taken = new Set(lines.flatMap(({ id }) => id ?? []));
  const unclaimed = linesOf(card).filter(({ id }) => id !== undefined && !taken.has(id));
  const known = lines.map((line): Line => {
    const said = before.get(line.key);
    if (said === undefined) return line;
    if (isEmpty(said)) {
      const nothing = { parts: line.base.parts.map(() => ''), type: said.type, label: said.label };
      return { ...line, id: undefined, source: [], base: nothing };
    }
    const resting = sameContent(line, said);
    if (line.id !== undefined || !isTouched(said)) return resting ? { ...line, base: copyOf(line) } : line;
    const same = unclaimed.findIndex((other) => other.name === line.name && sameContent(other, said));
    const at = same >= 0 ? same : unclaimed.findIndex((other) => other.name === line.name);
    const [made] = at < 0 ? [] : unclaimed.splice(at, 1);
    if (made === undefined) return { ...line, base: copyOf(said) };
    return { ...made, ...(resting ? {} : copyOf(line)), key: line.key };
  });
  return merge(known, removed, card);
}

/** The name as it is shown, from its components (RFC 6350, 6.2.2): family, given, middle, prefix, suffix. */
export function fullName(parts: string[], familyFirst: boolean): string {
  const [family = '', given = '', middle = '', prefix = '', suffix = ''] = parts.map((part) => part.trim());
  const han = /^[\p{Script=Han}\p{Script=Hangul}]+$/u;
  if (familyFirst && han.test(family) && han.test(given)) return family + middle + given;
  const order = familyFirst ? [prefix, family, given, middle] : [prefix, given, middle, family];
  return [...order, suffix].filter(Boolean).join(' ');
}

/** Whether a name is usually written with the family first. */
export const writtenFamilyFirst = (parts: string[]): boolean =>
  /[\p{Script=Han}\p{Script=Hangul}]/u.test(parts.join(''));

/** A guess at the components of a name that was typed in one go. */
export function splitName(name: string): string[] {
  const text = name.trim();
  if (/^[\p{Script=Han}]{2,4}$/u.test(text)) return [[...text][0] ?? '', [...text].slice(1).join(''), '', '', ''];
  const words = text.split(/\s+/);
  const family = words.length > 1 ? (words.pop() ?? '') : '';
  return [family, words.join(' '), '', '', ''];
}

function contentOf(property: CardProperty): Content {
  const size = Math.max(EDITED[property.name] ?? 1, property.parts.length);
  const parts = Array.from({ length: size }, (_, at) => (property.parts[at] ?? []).join(', '));
  const types = (property.params.TYPE ?? []).map((type) => type.toLowerCase());
  const type = TYPES[property.name]?.find((known) => types.includes(known)) ?? '';
  const word = property.label.toLowerCase();
  const own = property.label !== '' && !types.includes(word) && !(type === 'cell' && word === 'mobile');
  return { parts, type: own ? '' : type, label: own ? property.label : '' };
}

/** The value to send. A photo is a `data:` address, which has no components. */
function saidBy(line: Line): Pick<PropertyEdit, 'parts' | 'value'> {
  return line.name === 'PHOTO' ? { value: line.parts[0] } : { parts: partsOf(line) };
}

/** The components to send: untouched ones as they came, the others as one value each. */
function partsOf(line: Line): string[][] {
  return line.parts.map((part, at) => {
    const source = line.source[at];
    return source !== undefined && part === line.base.parts[at] ? source : [part.trim()];
  });
}

/** The type and label to send. Types that the editor does not offer stay as they are. */
function typing(line: Line): Pick<PropertyEdit, 'params' | 'label'> {
  const known = TYPES[line.name];
  if (known === undefined) return {};
  const { TYPE: types = [], ...params } = line.params;
  const kept = types.filter((type) => !known.includes(type.toLowerCase()));
  const all = line.type === '' || line.label !== '' ? kept : [line.type, ...kept];
  if (line.id === undefined && all.length === 0 && line.label === '' && Object.keys(params).length === 0) return {};
  return { params: { ...params, ...(all.length > 0 && { TYPE: all }) }, label: line.label };
}

const sameTyping = (line: Line): boolean => line.type === line.base.type && line.label === line.base.label;

function sameContent(one: Content, other: Content): boolean {
  return (
    one.type === other.type &&
    one.label === other.label &&
    one.parts.every((part, at) => part.trim() === (other.parts[at] ?? '').trim())
  );
}

/** Lines as they are now, whatever is typed into them later. */
export const asTheyAre = (lines: Line[]): Line[] =>
  lines.map((line) => ({ ...line, ...copyOf(line), params: { ...line.params }, base: copyOf(line.base) }));

const copyOf = ({ parts, type, label }: Content): Content => ({ parts: [...parts], type, label });
