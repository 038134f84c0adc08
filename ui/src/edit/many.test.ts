import { expect, test } from 'vitest';
import { MANY_FIELDS, manyEdit, manyText, type ManyField } from './many';

const field = (name: string): ManyField => MANY_FIELDS.find((field) => field.name === name) ?? { name, text: name, types: [], repeats: false };

test('an organisation is set as its name alone', () => {
  expect(manyEdit(field('ORG'), 'set', ' Harbour Labs ', '', '')).toEqual({ set: [{ add: false, name: 'ORG', parts: [['Harbour Labs'], ['']] }], unset: [] });
});

test('a number carries its type, and may stand beside the others', () => {
  expect(manyEdit(field('TEL'), 'add', '+351 1', 'home', '')?.set[0]).toEqual({ add: true, name: 'TEL', parts: [['+351 1']], params: { TYPE: ['home'] } });
  expect(manyEdit(field('TEL'), 'set', '+351 1', '', '')?.set[0]?.params).toEqual({ TYPE: ['work'] });
});

test('there is nothing to ask while something is missing', () => {
  expect(manyEdit(field('ORG'), 'set', '  ', '', '')).toBeUndefined();
  expect(manyEdit(field('X-KITH-CUSTOM'), 'add', 'tea', '', ' ')).toBeUndefined();
  expect(manyEdit(field('ORG'), 'remove', '', '', '')).toEqual({ set: [], unset: ['ORG'] });
});

test('what became of it is told with who was left alone', () => {
  expect(manyText({ count: 12, left: 0, names: [] })).toBe('Changed 12 contacts');
  expect(manyText({ count: 0, left: 0, names: [] })).toBe('Nothing had to change');
  expect(manyText({ count: 1, left: 3, names: ['Ann', 'Ben'] })).toBe('Changed 1 contact. Left alone, for they have several: Ann, Ben and 1 more');
});
