import { expect, test } from 'vitest';
import type { Birthday } from '../api/types';
import { aheadText, byMonth, dayText, localDay } from './birthdays.svelte';

const birthday = (date: string, days: number, more: Partial<Birthday> = {}): Birthday => ({ id: date, name: 'Dora', organisation: false, date, days, ...more });

test('a birthday is told as it comes nearer', () => {
  expect(aheadText(birthday('2026-12-14', 23, { turns: 42 }))).toBe('in 23 days, turns 42');
  expect(aheadText(birthday('2026-11-22', 1))).toBe('tomorrow');
  expect(aheadText(birthday('2026-11-21', 0, { turns: 42 }))).toBe('today, turns 42');
  expect(aheadText(birthday('2026-11-21', 0, { turns: 10, organisation: true }))).toBe('today, 10 years');
});

test('months stand together, also the same one of the next year', () => {
  const list = [birthday('2026-12-01', 1), birthday('2026-12-14', 14), birthday('2027-01-02', 33), birthday('2027-12-01', 366)];
  expect(byMonth(list).map(({ month, birthdays }) => [month, birthdays.length])).toEqual([
    ['December 2026', 2], ['January 2027', 1], ['December 2027', 1],
  ]);
  expect(dayText('2026-12-14')).toBe('Mon 14');
});

test('the day is that of this place, not of Greenwich', () => {
  expect(localDay(new Date(2026, 0, 5, 0, 30))).toBe('2026-01-05');
});
