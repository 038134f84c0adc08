import { expect, test } from 'vitest';
import type { MergeField } from '../api/types';
import { choicesOf, householdsText, inOrder, leftOut, offers, sureness, type Keep } from './choices';

const field = (name: string, a: string, b: string, more: Partial<MergeField> = {}): MergeField => ({
  field: name,
  name,
  label: '',
  a,
  b,
  keep: b === '' ? 'a' : a === '' ? 'b' : 'a',
  single: false,
  differs: a !== '' && b !== '' && a !== b,
  ...more,
});

const name = field('FN', 'Dora Kovács', 'Dora Kovacs', { single: true });
const employer = field('ORG', 'Harbour Animal Clinic', 'The clinic', { keep: 'both' });
const phone = field('TEL', '+351 912 555 014', '+351912555014', { differs: false, keep: 'a' });
const note = field('NOTE', '', 'Soprano since March.');
const fields = [phone, note, name, employer];

test('both is offered only where a card may have several', () => {
  expect(offers(name)).toEqual(['a', 'b']);
  expect(offers(employer)).toEqual(['a', 'b', 'both']);
});

test('what only one says can be kept or left out, and what is the same asks nothing', () => {
  expect(offers(note)).toEqual(['a', 'b']);
  expect(offers(phone)).toEqual([]);
  expect(offers(field('TEL', '', ''))).toEqual([]);
});

test('fields stand in the order in which they need a look', () => {
  const { differ, one, same } = inOrder(fields);
  expect([differ, one, same]).toEqual([[name, employer], [note], [phone]]);
});

test('only what was chosen otherwise is sent', () => {
  const chosen = new Map<string, Keep>([['FN', 'b'], ['ORG', 'both'], ['gone', 'a']]);
  expect(choicesOf(fields, chosen)).toEqual([{ field: 'FN', keep: 'b' }]);
});

test('values that would go out of sight are counted', () => {
  expect(leftOut(fields, new Map())).toBe(1);
  expect(leftOut(fields, new Map<string, Keep>([['ORG', 'a'], ['NOTE', 'a']]))).toBe(3);
  expect(leftOut([phone], new Map<string, Keep>([['TEL', 'b']]))).toBe(0);
});

test('scores and households are told in words', () => {
  expect([98, 90, 89, 70, 40].map(sureness)).toEqual(['almost sure', 'almost sure', 'likely', 'likely', 'maybe']);
  expect(householdsText(0)).toBe('');
  expect(householdsText(1)).toContain('One pair shares');
  expect(householdsText(7)).toContain('7 pairs share');
});
