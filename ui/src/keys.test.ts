import { expect, test } from 'vitest';
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
  expect(deedOf(press('z', { ctrlKey: true, shiftKey: true }), false, true)).toBeUndefined();
});
