import { expect, test } from 'vitest';
import { adviceOf } from './advice';
import { newLine, type Line } from './lines';

const now = new Date(2026, 10, 21);
const line = (name: string, text: string): Line => ({ ...newLine(name), parts: [text] });
const advice = (name: string, text: string, others: Line[] = []) => adviceOf(line(name, text), others, now);

test('what looks right gets no advice', () => {
  for (const [name, text] of [['TEL', '+351 22 555 0148 x14'], ['EMAIL', 'dora@kovacs.example'], ['URL', 'kovacs.example'], ['BDAY', '--0229'], ['BDAY', '19841214'], ['NOTE', ' '], ['EMAIL', '']] as const)
    expect(advice(name, text)).toBeUndefined();
});

test('slips are remarked on', () => {
  expect(advice('TEL', 'ask her')).toMatch(/without digits/);
  expect(advice('EMAIL', 'dora.kovacs.example')).toMatch(/@/);
  expect(advice('EMAIL', 'dora@gmial.com')).toBe('Did you mean gmail.com?');
  expect(advice('BDAY', '19850230')).toBe('There is no such day.');
  expect(advice('BDAY', '20270101')).toMatch(/still to come/);
  expect(advice('ANNIVERSARY', '20270101')).toBeUndefined();
  expect(advice('X-KITH-CUSTOM', 'Longjing')).toMatch(/name/);
});

test('the same value twice is remarked on, with whatever spaces', () => {
  expect(advice('EMAIL', 'a@b.example', [line('EMAIL', ' A@b.example ')])).toMatch(/twice/);
  expect(advice('EMAIL', 'a@b.example', [line('URL', 'a@b.example')])).toBeUndefined();
});
