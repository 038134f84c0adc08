import { expect, test } from 'vitest';
import { daysLeft, leavesText } from './trash';

const now = new Date('2026-11-21T12:00:00Z');

test('a contact waits thirty days in the trash', () => {
  expect(daysLeft('2026-11-21T12:00:00Z', now)).toBe(30);
  expect(daysLeft('2026-11-20T11:00:00Z', now)).toBe(29);
  expect(daysLeft('2026-10-22T12:00:00Z', now)).toBe(0);
});

test('a clock that is ahead or far behind makes no odd numbers', () => {
  expect(daysLeft('2027-01-01T00:00:00Z', now)).toBe(30);
  expect(daysLeft('2020-01-01T00:00:00Z', now)).toBe(0);
  expect(daysLeft('', now)).toBeUndefined();
});

test('the days are told in words', () => {
  expect(leavesText('2026-10-23T12:00:00Z', now)).toBe('1 day left');
  expect(leavesText('2026-11-11T12:00:00Z', now)).toBe('20 days left');
  expect(leavesText('2026-10-01T12:00:00Z', now)).toBe('may go any time');
  expect(leavesText('?', now)).toBe('');
});
