import { describe, expect, test } from 'vitest';
import { heightOf, indexAt, scrollTo, topOf, windowOf, type Shape } from './windowing';

const shape: Shape = { count: 100_000, row: 48, head: 24, heads: [0, 4_000, 4_001, 99_999] };

describe('a long list', () => {
  test('places each row below its letter', () => {
    expect(topOf(shape, 0)).toBe(24);
    expect(topOf(shape, 1)).toBe(72);
    expect(topOf(shape, 4_000)).toBe(4_000 * 48 + 2 * 24);
    expect(topOf(shape, 4_001)).toBe(4_001 * 48 + 3 * 24);
    expect(heightOf(shape)).toBe(topOf(shape, 99_999) + 48);
  });

  test('finds every row again at its own height', () => {
    for (const index of [0, 1, 3_999, 4_000, 4_001, 4_002, 50_000, 99_998, 99_999]) {
      expect(indexAt(shape, topOf(shape, index))).toBe(index);
      expect(indexAt(shape, topOf(shape, index) + 47)).toBe(index);
    }
  });

  test('draws what is in view and a little more, never beyond its ends', () => {
    expect(windowOf(shape, 0, 480, 5)).toEqual({ from: 0, to: 15 });
    const middle = windowOf(shape, topOf(shape, 50_000), 480, 5);
    expect(middle).toEqual({ from: 49_995, to: 50_016 });
    expect(windowOf(shape, heightOf(shape), 480, 5).to).toBe(100_000);
    expect(windowOf({ ...shape, count: 0, heads: [] }, 0, 480, 5)).toEqual({ from: 0, to: 0 });
  });

  test('scrolls only as far as a row needs, and leaves room for the letter that stays', () => {
    const at = topOf(shape, 100);
    expect(scrollTo(shape, 100, at - 100, 480)).toBe(at - 100);
    expect(scrollTo(shape, 100, at, 480)).toBe(at - 24);
    expect(scrollTo(shape, 100, 0, 480)).toBe(at + 48 - 480);
    expect(scrollTo(shape, 0, 900, 480)).toBe(0);
  });
});
