import { expect, test } from 'vitest';
import { DOINGS, keyText, matching } from './deeds';
import { deedOf } from './keys';

const press = (key: string, more: Partial<KeyboardEvent> = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...more,
});

test('single letters act only outside text fields, and only if they are wanted', () => {
  expect(deedOf(press('e'), false, true)).toBe('edit');
  expect(deedOf(press('e'), true, true)).toBeUndefined();
  expect(deedOf(press('e'), false, false)).toBeUndefined();
  expect(deedOf(press('/'), false, true)).toBe('search');
});

test('control keys act everywhere, but leave undo and delete to a text field', () => {
  expect(deedOf(press('f', { ctrlKey: true }), true, false)).toBe('search');
  expect(deedOf(press('s', { metaKey: true }), true, false)).toBe('save');
  expect(deedOf(press('z', { ctrlKey: true }), true, true)).toBeUndefined();
  expect(deedOf(press('z', { ctrlKey: true }), false, true)).toBe('undo');
  expect(deedOf(press('Delete', { ctrlKey: true }), false, true)).toBe('trash');
  expect(deedOf(press('Z', { ctrlKey: true, shiftKey: true }), false, true)).toBe('redo');
  expect(deedOf(press('Z', { ctrlKey: true, shiftKey: true }), true, true)).toBeUndefined();
  expect(deedOf(press('F', { ctrlKey: true, shiftKey: true }), false, true)).toBeUndefined();
});

test('every doing has one name, one text, and keys of its own', () => {
  const unique = (all: readonly string[]) => expect(new Set(all).size).toBe(all.length);
  unique(DOINGS.map(({ deed }) => deed));
  unique(DOINGS.map(({ text }) => text));
  unique(DOINGS.flatMap(({ keys }) => keys));
  for (const { deed, keys } of DOINGS) {
    for (const key of keys) {
      const held = key.startsWith('Ctrl ');
      const shift = key.includes('Shift ');
      const name = key.replace('Ctrl ', '').replace('Shift ', '').replace('Esc', 'Escape').replace('Left', 'ArrowLeft');
      expect(deedOf(press(name, { ctrlKey: held, shiftKey: shift || name === '+' }), false, true), key).toBe(deed);
    }
  }
});

test('the palette finds a doing by the beginnings of its words, its own before others', () => {
  expect(matching('dup', DOINGS)[0]?.deed).toBe('duplicates');
  expect(matching('zoom in', DOINGS).map(({ deed }) => deed)).toEqual(['larger']);
  expect(matching('tra', DOINGS)[0]?.deed).toBe('bin');
  expect(matching('no such thing', DOINGS)).toEqual([]);
  expect(matching('', DOINGS)).toHaveLength(DOINGS.length);
  expect([keyText('Ctrl K', true), keyText('Ctrl Shift Z', true)]).toEqual(['⌘ K', '⌘ ⇧ Z']);
});
