import { expect, test } from 'vitest';
import { digitsToFind, sorted } from './opened';

test('what was opened is a file, a number or an address', () => {
  expect(
    sorted(['/home/mara/people.vcf', 'tel:+46-70-555-01-18;ext=2', 'TEL:%2B49%2030%205550199', 'mailto:anja@lindqvist.example,b@c.example?subject=x', 'tel:', 'mailto:?subject=x', 'C:\\tel\\x.vcf']),
  ).toEqual({
    files: ['/home/mara/people.vcf', 'C:\\tel\\x.vcf'],
    numbers: ['+46-70-555-01-18', '+49 30 5550199'],
    addresses: ['anja@lindqvist.example', 'b@c.example'],
  });
  expect(sorted(['mailto:%E0%A4%A']).addresses).toEqual(['%E0%A4%A']);
});

test('a number is looked for whole and by its last digits', () => {
  expect(digitsToFind('+46 70 555 01 18')).toEqual(['46705550118', '05550118']);
  expect(digitsToFind('112')).toEqual(['112']);
  expect(digitsToFind('#')).toEqual([]);
});
