/** What became of a deletion, in words. */
import { plural } from '../shared/format';

/** A deletion that was carried out: who was changed since it began to wait was left alone. */
export interface Applied {
  count: number;
  left?: number;
  /** The first few of those that were left alone. */
  names?: string[];
}

export function appliedText({ count, left = 0, names = [] }: Applied): string {
  const done = `Deleted ${plural(count, 'contact')}`;
  if (left === 0) return done;
  const told = names.slice(0, NAMES_TOLD_MAX).join(', ');
  const who = told === '' ? '' : `: ${told}${left > NAMES_TOLD_MAX ? ' and others' : ''}`;
  return `${done}. ${left === 1 ? '1 was' : `${left} were`} changed since and ${left === 1 ? 'stays' : 'stay'}${who}`;
}

const NAMES_TOLD_MAX = 3;
