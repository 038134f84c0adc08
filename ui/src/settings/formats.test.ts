import { expect, test } from 'vitest';
import { fileName, FORMATS, formatOf, pathFor } from './formats';

test('each format asks the hub for one thing only', () => {
  for (const { request } of FORMATS)
    expect([request.vcard, request.csv, request.jscontact || undefined].filter(Boolean)).toHaveLength(1);
  expect(new Set(FORMATS.map(({ id }) => id)).size).toBe(FORMATS.length);
});

test('the path takes the ending of the format, but not in place of the person’s own', () => {
  expect(pathFor('/home/mara/contacts.vcf', formatOf('google'))).toBe('/home/mara/contacts.csv');
  expect(pathFor('/home/mara/contacts.CSV', formatOf('jscontact'))).toBe('/home/mara/contacts.json');
  expect(pathFor('/home/mara/book.backup', formatOf('google'))).toBe('/home/mara/book.backup');
  expect(pathFor('/home/my.vcf/book', formatOf('google'))).toBe('/home/my.vcf/book');
});

test('an unknown format is the one that everybody reads', () => {
  expect(formatOf('?').id).toBe('vcard-3');
});

test('a file is called after its person, by a name that every system takes', () => {
  expect(fileName('Dora Kovács')).toBe('Dora Kovács.vcf');
  expect(fileName('../../etc/passwd')).toBe('etc passwd.vcf');
  expect(fileName('CON: <a>|\u0000\u202e')).toBe('CON a.vcf');
  expect(fileName('  ')).toBe('contacts.vcf');
  expect(fileName('x'.repeat(500))).toHaveLength(84);
});
