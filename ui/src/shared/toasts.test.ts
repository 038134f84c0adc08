import { expect, test, vi } from 'vitest';
import { Toasts } from './toasts.svelte';

const texts = (toasts: Toasts) => toasts.list.map(({ text }) => text);
const nothing = () => undefined;

test('a note goes with its time, and what went wrong stays for longer', () => {
  vi.useFakeTimers();
  const toasts = new Toasts();
  toasts.say('On its way to 1 person');
  toasts.fail('The disk is full.');
  vi.advanceTimersByTime(10_000);
  expect(texts(toasts)).toEqual(['The disk is full.']);
  vi.advanceTimersByTime(20_000);
  expect(texts(toasts)).toEqual([]);
  vi.useRealTimers();
});

test('when the page turns, a note goes unless it offers something or tells what went wrong', () => {
  const toasts = new Toasts();
  toasts.say('On its way to 1 person');
  toasts.turned();
  expect(texts(toasts)).toEqual([]);
  toasts.fail('The disk is full.');
  toasts.say('Saved', { text: 'Undo', run: nothing });
  toasts.turned();
  expect(texts(toasts)).toEqual(['The disk is full.', 'Saved']);
});
