import { expect, test } from 'vitest';
import { SOURCES } from './sources';

test('every place that contacts come from says what to press there, in a few sentences', () => {
  expect(SOURCES.map(({ id }) => id)).toEqual(['iphone', 'android', 'google', 'outlook', 'thunderbird', 'macos']);
  for (const { steps, mind } of SOURCES) {
    expect(steps.length).toBeGreaterThanOrEqual(2);
    for (const sentence of [...steps, mind ?? 'None.']) expect(sentence).toMatch(/^[A-Z].*[.”?]$/);
  }
});
