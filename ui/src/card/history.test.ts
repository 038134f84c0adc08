import { expect, test } from 'vitest';
import type { CardProperty, HistoryEntry } from '../api/types';
import { byField } from './history';

const entry = (property_id: string, value: string, until: string, more: Partial<HistoryEntry> = {}): HistoryEntry => ({
  property_id,
  name: 'TEL',
  value,
  text: value,
  time: '2026-01-01T10:00:00Z',
  until,
  device: 'Phone',
  by: 'Laptop',
  ...more,
});
const phone = { id: 'p', name: 'TEL', value: '3' } as CardProperty;

test('a field that is there stands with all it said before, newest first', () => {
  const [field, ...rest] = byField(
    [entry('p', '1', '2026-02-01T00:00:00Z'), entry('p', '2', '2026-03-01T00:00:00Z')],
    [phone],
  );
  expect(rest).toEqual([]);
  expect(field?.now).toBe(phone);
  expect(field?.earlier.map(({ value }) => value)).toEqual(['2', '1']);
});

test('a removed field can be brought back as well', () => {
  const [field] = byField([entry('gone', 'note', '2026-02-01T00:00:00Z', { name: 'NOTE' })], [phone]);
  expect(field?.now).toBeUndefined();
  expect(field?.earlier[0]?.restorable).toBe(true);
});

test('what stands there already, and what was nothing, is not brought back', () => {
  const [field] = byField([entry('p', '3', '2026-03-01T00:00:00Z'), entry('p', '', '2026-02-01T00:00:00Z')], [phone]);
  expect(field?.earlier.map(({ restorable }) => restorable)).toEqual([false, false]);
});

test('the field that changed last stands first, and labels are no fields', () => {
  const fields = byField(
    [
      entry('a', '1', '2026-02-01T00:00:00Z'),
      entry('b', '2', '2026-04-01T00:00:00Z'),
      entry('l', 'boat', '2026-05-01T00:00:00Z', { name: 'X-ABLABEL' }),
    ],
    [],
  );
  expect(fields.map(({ id }) => id)).toEqual(['b', 'a']);
});
