/** What merging two contacts offers, field by field. Pure, so that it can be tested without a window. */
import type { MergeChoice, MergeField } from '../api/types';

export type Keep = 'a' | 'b' | 'both';

/** The choices a field offers; none where both say the same. */
export function offers({ a, b, single, differs }: MergeField): Keep[] {
  if (a !== '' && b !== '') return differs ? (single ? ['a', 'b'] : ['a', 'b', 'both']) : [];
  return a === '' && b === '' ? [] : ['a', 'b'];
}

/** Fields in which somebody may have to choose first, then what only one says, then what is the same. */
export function inOrder(fields: MergeField[]): { differ: MergeField[]; one: MergeField[]; same: MergeField[] } {
  const both = (field: MergeField) => field.a !== '' && field.b !== '';
  return {
    differ: fields.filter((field) => both(field) && field.differs),
    one: fields.filter((field) => !both(field) && field.a !== field.b),
    same: fields.filter((field) => both(field) && !field.differs),
  };
}

/** What to send: only what the person chose otherwise than the hub would. */
export function choicesOf(fields: MergeField[], chosen: ReadonlyMap<string, Keep>): MergeChoice[] {
  return fields.flatMap(({ field, keep }) => {
    const wanted = chosen.get(field);
    return wanted === undefined || wanted === keep ? [] : [{ field, keep: wanted }];
  });
}

/** Values that the merged contact would no longer show. They stay in its history. */
export function leftOut(fields: MergeField[], chosen: ReadonlyMap<string, Keep>): number {
  return fields.filter((field) => {
    const keep = chosen.get(field.field) ?? field.keep;
    if (keep === 'both' || (!field.differs && field.a !== '' && field.b !== '')) return false;
    return (keep === 'a' ? field.b : field.a) !== '';
  }).length;
}

/** The side that says something where only one does. */
export const onlySide = ({ a }: MergeField): 'a' | 'b' => (a === '' ? 'b' : 'a');

/** How fields are told in words. */
export interface Words {
  labelOf: (name: string, label: string) => string;
  textOf: (name: string, text: string) => string;
}

/** How sure the hub is, in a word. */
export function sureness(score: number): string {
  if (score >= 90) return 'almost sure';
  return score >= 70 ? 'likely' : 'maybe';
}

/** Why pairs that share a number are not listed. */
export function householdsText(households: number): string {
  if (households === 0) return '';
  const pairs = households === 1 ? 'One pair shares' : `${households} pairs share`;
  return `${pairs} a number and nothing else. They are taken for a household, so they are not listed.`;
}
