import { expect, test } from 'vitest';
import { groupsOf, ordinal, sameGroup, twoOf } from './code';

test('a code is shown in its groups', () => {
  expect(groupsOf('H7K2-9QWM-4TXD')).toEqual(['H7K2', '9QWM', '4TXD']);
  expect(groupsOf('H7K29QWM4T')).toEqual(['H7K2', '9QWM', '4T']);
});

test('a group is recognised as people type it, and nothing else is', () => {
  for (const typed of ['h1k0', ' HIKO ', 'hlko', 'H1-K0']) expect(sameGroup(typed, 'H1K0')).toBe(true);
  for (const typed of ['', 'H1K', 'H1KO2', '2222']) expect(sameGroup(typed, 'H1K0')).toBe(false);
});

test('two different groups are asked for, whatever the dice say', () => {
  for (let dice = 0; dice < 1; dice += 0.01) {
    for (const other of [0, 0.3, 0.99]) {
      const throws = [dice, other];
      const [first, second] = twoOf(7, () => throws.shift() ?? 0);
      expect(first).toBeGreaterThanOrEqual(0);
      expect(first).toBeLessThan(second);
      expect(second).toBeLessThan(7);
    }
  }
  expect(ordinal(6)).toBe('seventh');
});
