import { expect, test } from 'vitest';
import { appliedText } from './words';

test('a deletion says how many went', () => {
  expect(appliedText({ count: 1 })).toBe('Deleted 1 contact');
  expect(appliedText({ count: 1200, left: 0, names: [] })).toBe('Deleted 1,200 contacts');
});

test('who was changed since stays and is named', () => {
  expect(appliedText({ count: 2, left: 1, names: ['Dora'] })).toBe('Deleted 2 contacts. 1 was changed since and stays: Dora');
  expect(appliedText({ count: 0, left: 4, names: ['A', 'B', 'C', 'D'] })).toBe(
    'Deleted 0 contacts. 4 were changed since and stay: A, B, C and others',
  );
  expect(appliedText({ count: 5, left: 2 })).toBe('Deleted 5 contacts. 2 were changed since and stay');
});
