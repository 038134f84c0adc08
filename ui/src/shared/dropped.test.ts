import { expect, test } from 'vitest';
import { typeOf } from './dropped';

test('pictures are told by their endings', () => {
  expect(['a.PNG', 'b.jpg', 'c.jpeg', 'd.webp', 'people.vcf', 'png'].map(typeOf)).toEqual(['image/png', 'image/jpeg', 'image/jpeg', 'image/webp', '', '']);
});
