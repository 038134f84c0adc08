/** One edit of many contacts: what can be set or removed at once, and what became of it in words. */
import type { EditedMany, PropertyEdit } from '../api/types';
import { plural } from '../shared/format';

/** A field that many contacts can be given, or rid of. */
export interface ManyField {
  name: string;
  text: string;
  /** Types to choose from; the first is taken unless another is chosen. */
  types: string[];
  /** A card may have several: it can be added beside what is there. */
  repeats: boolean;
}

export const MANY_FIELDS: ManyField[] = [
  { name: 'ORG', text: 'Organisation', types: [], repeats: false },
  { name: 'TITLE', text: 'Title', types: [], repeats: false },
  { name: 'TEL', text: 'Phone', types: ['work', 'home', 'cell', 'fax'], repeats: true },
  { name: 'EMAIL', text: 'Mail', types: ['work', 'home'], repeats: true },
  { name: 'URL', text: 'Web', types: ['work', 'home'], repeats: true },
  { name: 'LANG', text: 'Language', types: [], repeats: true },
  { name: 'NOTE', text: 'Note', types: [], repeats: true },
  { name: 'X-KITH-CUSTOM', text: 'Field of your own', types: [], repeats: true },
];

export type ManyWay = 'set' | 'add' | 'remove';

/** What to ask the hub for; nothing while there is nothing to ask. */
export function manyEdit(
  field: ManyField,
  way: ManyWay,
  value: string,
  type: string,
  label: string,
): { set: PropertyEdit[]; unset: string[] } | undefined {
  if (way === 'remove') return { set: [], unset: [field.name] };
  const text = value.trim();
  const own = field.name === 'X-KITH-CUSTOM';
  if (text === '' || (own && label.trim() === '')) return undefined;
  const edit: PropertyEdit = {
    add: way === 'add' || own,
    name: field.name,
    parts: field.name === 'ORG' ? [[text], ['']] : [[text]],
    ...(field.types.length > 0 && { params: { TYPE: [type || field.types[0] || ''] } }),
    ...(own && { label: label.trim() }),
  };
  return { set: [edit], unset: [] };
}

/** What became of it. */
export function manyText({ count, left, names }: EditedMany): string {
  const done = count === 0 ? 'Nothing had to change' : `Changed ${plural(count, 'contact')}`;
  if (left === 0) return done;
  const more = left > names.length ? ` and ${left - names.length} more` : '';
  return `${done}. Left alone, for they have several: ${names.join(', ')}${more}`;
}
