import { expect, test } from 'vitest';
import { newLine, type Line } from './lines';
import { following, moved, orderOf } from './places';

const line = (name: string, id: string, layer = 'mine'): Line => ({ ...newLine(name), id, layer });
const ids = (lines: Line[]) => lines.map(({ id }) => id).join(' ');

test('a line moves past those of its name and leaves all others where they are', () => {
  const lines = [line('TEL', 'a'), line('EMAIL', 'm'), line('TEL', 'b'), line('TEL', 'c'), line('TEL', 'z', 'account')];
  const keyOf = (id: string) => lines.find((one) => one.id === id)?.key ?? 0;
  expect(ids(moved(lines, keyOf('c'), -1))).toBe('a m c b z');
  expect(ids(moved(lines, keyOf('c'), -2))).toBe('c m a b z');
  expect(moved(lines, keyOf('a'), -1)).toBe(lines);
  expect(moved(lines, keyOf('c'), 1), 'what an account says stands behind').toBe(lines);
  expect(moved(lines, keyOf('z'), -1)).toBe(lines);
});

test('only names that stand otherwise on the card are sent', () => {
  const lines = [line('TEL', 'b'), line('TEL', 'a'), line('EMAIL', 'm'), newLine('TEL')];
  const moving = new Set(['TEL', 'EMAIL']);
  expect(orderOf(lines, ['a', 'm', 'b'], moving)).toEqual(['b', 'a']);
  expect(orderOf(lines, ['b', 'm', 'a'], moving)).toEqual([]);
  expect(orderOf(lines, ['a', 'm', 'b'], new Set())).toEqual([]);
});

test('lines follow the order of another device, except where they were moved here', () => {
  const lines = [line('TEL', 'a'), line('EMAIL', 'm'), line('TEL', 'b'), line('EMAIL', 'n'), newLine('TEL')];
  const card = ['b', 'n', 'a', 'm'];
  expect(ids(following(lines, card, new Set()))).toBe('b n a m ');
  expect(ids(following(lines, card, new Set(['TEL'])))).toBe('a n b m ');
});
