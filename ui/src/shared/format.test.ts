import { describe, expect, test } from 'vitest';
import { countdown, dayInFull, daysUntil, langOf, parseDate, plural, printDate, readDate, when, whenExactly } from './format';
import { initials, tint } from './face';

const now = new Date(2026, 10, 21, 12, 0);
const local = (...parts: [number, number, number, number, number]) => new Date(...parts).toISOString();

describe('times', () => {
  test('grow longer the further away they are', () => {
    expect(when(local(2026, 10, 21, 10, 42), now)).toBe('10:42');
    expect(when(local(2026, 10, 17, 10, 42), now)).toBe('Tuesday');
    expect(when(local(2026, 2, 3, 10, 42), now)).toBe('3 March');
    expect(when(local(2024, 2, 3, 10, 42), now)).toBe('3 March 2024');
    expect(whenExactly(local(2026, 10, 17, 10, 42), now)).toBe('Tuesday 10:42');
    expect(whenExactly(local(2026, 10, 21, 10, 42), now)).toBe('10:42');
    expect(when('', now)).toBe('');
  });

  test('count down in minutes and seconds', () => {
    expect([countdown(600), countdown(552), countdown(9), countdown(-1)]).toEqual(['10:00', '9:12', '0:09', '0:00']);
  });
});

describe('dates of which parts are missing', () => {
  test('are read in every form of the standard', () => {
    expect(parseDate('1990-12-14')).toEqual({ year: 1990, month: 12, day: 14 });
    expect(parseDate('19901214')).toEqual({ year: 1990, month: 12, day: 14 });
    expect(parseDate('19901214T000000Z')).toEqual({ year: 1990, month: 12, day: 14 });
    expect(parseDate('--1214')).toEqual({ month: 12, day: 14 });
    expect(parseDate('--12-14')).toEqual({ month: 12, day: 14 });
    expect(parseDate('1990-12')).toEqual({ year: 1990, month: 12 });
    expect(parseDate('1990')).toEqual({ year: 1990 });
    expect(parseDate('circa 1800')).toBeUndefined();
    expect(parseDate('19901399')).toBeUndefined();
  });

  test('are written so that they are read again', () => {
    for (const date of [
      { year: 1990, month: 12, day: 14 },
      { month: 2, day: 3 },
      { year: 1990, month: 2 },
      { year: 1990 },
      { month: 5 },
    ]) {
      expect(parseDate(printDate(date))).toEqual(date);
    }
    expect(printDate({})).toBe('');
  });

  test('come round again', () => {
    expect(readDate({ month: 12, day: 14 })).toBe('14 December');
    expect(daysUntil({ month: 12, day: 14 }, now)).toBe(23);
    expect(daysUntil({ month: 11, day: 21 }, now)).toBe(0);
    expect(daysUntil({ month: 11, day: 20 }, now)).toBe(364);
    expect(daysUntil({ year: 1990 }, now)).toBeUndefined();
  });
});

test('numbers agree with their words', () => {
  expect([plural(1, 'contact'), plural(100_000, 'contact'), plural(2, 'match', 'matches')]).toEqual([
    '1 contact',
    '100,000 contacts',
    '2 matches',
  ]);
});

test('a script tells a language where it can', () => {
  expect([langOf('白晓雯'), langOf('さくら'), langOf('김'), langOf('Dora Kovács')]).toEqual([
    'zh-Hans',
    'ja',
    'ko',
    undefined,
  ]);
});

test('a face has one Han character or two letters, and the same tint everywhere', () => {
  expect([
    initials('白晓雯'),
    initials('Dora Kovács'),
    initials('Ada'),
    initials('émile de Groot'),
    initials(''),
  ]).toEqual(['白', 'DK', 'A', 'ÉG', '']);
  expect(tint('c0ffee')).toBe(tint('c0ffee'));
  for (const id of ['a', 'b', 'c', 'd', 'e']) expect(tint(id)).toBeGreaterThanOrEqual(1);
});

test('a sheet of paper names the year, even today', () => {
  expect(dayInFull('2026-11-21T12:00:00Z')).toBe('21 November 2026');
  expect(dayInFull('soon')).toBe('');
});
