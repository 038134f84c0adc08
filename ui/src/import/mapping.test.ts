import { expect, test } from 'vitest';
import type { ImportLooked } from '../api/types';
import { charsetsWith, formatText, hasCharset, isPicture, needsLook, unmapped, withColumn } from './mapping';

const table: ImportLooked = {
  file: { file: 'club.csv', format: 'csv', dialect: '', charset: 'windows-1252', cards: 12 },
  columns: [
    { column: 1, name: 'Name', field: 'fn', samples: ['Jürgen Groß'] },
    { column: 2, name: 'Handy', field: '', samples: ['0170 5550123'] },
    { column: 3, name: 'Fax', field: '', samples: [] },
  ],
  fields: [{ field: 'fn', label: 'Full name' }, { field: 'tel;cell', label: 'Phone (mobile)' }],
};

test('giving one column a meaning keeps the meaning of the others', () => {
  expect(withColumn(table, 2, 'tel;cell')).toEqual([
    { column: 1, field: 'fn' },
    { column: 2, field: 'tel;cell' },
    { column: 3, field: '' },
  ]);
  expect(withColumn(table, 1, '')[0]).toEqual({ column: 1, field: '' });
});

test('an empty column is nothing to worry about, a filled one without a meaning is', () => {
  expect(unmapped(table)).toBe(1);
  expect(needsLook(table)).toBe(true);
  const known = { ...table, file: { ...table.file, dialect: 'Google' }, columns: table.columns.slice(0, 1) };
  expect(needsLook(known)).toBe(false);
  expect(needsLook({ ...table, columns: [] })).toBe(false);
});

test('a file is told in a few words', () => {
  expect(formatText(table.file)).toBe('Table, 12 rows');
  expect(formatText({ ...table.file, format: 'vcard', dialect: '2.1', cards: 1 })).toBe('vCard, 2.1, 1 card');
  expect(formatText({ ...table.file, format: 'new', dialect: '', cards: 2 })).toBe('new, 2 cards');
});

test('the character set that a file was read in can be chosen, known or not', () => {
  expect(charsetsWith('UTF-8')).toEqual(charsetsWith(''));
  expect(charsetsWith('ISO-2022-JP')[0]).toEqual({ value: 'iso-2022-jp', text: 'ISO-2022-JP' });
  expect([hasCharset(table.file), hasCharset({ ...table.file, format: 'jscontact' })]).toEqual([true, false]);
});

test('pictures are told from files of cards', () => {
  expect(isPicture({ type: 'image/png', name: 'x' })).toBe(true);
  expect(isPicture({ type: '', name: 'Photo.JPEG' })).toBe(true);
  expect(isPicture({ type: 'image/svg+xml', name: 'x.svg' })).toBe(false);
  expect(isPicture({ type: 'text/vcard', name: 'card.png.vcf' })).toBe(false);
});
