import { expect, test } from 'vitest';
import { firstView, moved, squareOf, within } from './crop';

const wide = { width: 400, height: 200 };

test('at first the whole short side is taken, of a tall picture from where faces are', () => {
  expect(squareOf(wide, firstView(wide))).toEqual({ x: 100, y: 0, side: 200 });
  expect(squareOf({ width: 200, height: 400 }, firstView({ width: 200, height: 400 }))).toEqual({ x: 0, y: 60, side: 200 });
});

test('the square never leaves the picture', () => {
  expect(squareOf(wide, moved(wide, firstView(wide), 280, 5_000, 5_000))).toEqual({ x: 0, y: 0, side: 200 });
  expect(squareOf(wide, { zoom: 2, x: 9_999, y: -5 })).toEqual({ x: 300, y: 0, side: 100 });
  expect(within(wide, { zoom: 99, x: 0, y: 0 }).zoom).toBe(5);
});

test('what is moved on the stage moves as far in the picture as it looks', () => {
  const near = within(wide, { zoom: 2, x: 200, y: 100 });
  expect(moved(wide, near, 100, -10, 0).x).toBe(210);
});
