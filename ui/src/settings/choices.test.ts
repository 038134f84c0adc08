import { expect, test } from 'vitest';
import { languages, regionName, regions } from './choices';

test('regions stand by name, after the choice to say nothing', () => {
  const [nothing, first, ...rest] = regions();
  expect(nothing?.value).toBe('');
  expect(first?.text).toBe('Afghanistan');
  expect(rest.find(({ value }) => value === 'DE')?.text).toBe('Germany');
});

test('what is set can always be shown, known or not', () => {
  expect(regions('ZZ').some(({ value }) => value === 'ZZ')).toBe(true);
  expect(regions('DE')).toHaveLength(regions().length);
  expect(languages('gsw').some(({ value }) => value === 'gsw')).toBe(true);
});

test('a code that is none is shown as it is', () => {
  expect(regionName('not a region')).toBe('not a region');
});
