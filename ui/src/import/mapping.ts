/** What the columns of a table mean, and which character sets a file may be in. Pure, so that it can be tested. */
import type { ColumnMeaning, ImportedFile, ImportLooked } from '../api/types';
import { plural } from '../shared/format';

/** The meaning of every column, with one of them changed; an empty field leaves a column out. */
export function withColumn(looked: ImportLooked, column: number, field: string): ColumnMeaning[] {
  return looked.columns.map((one) => ({ column: one.column, field: one.column === column ? field : one.field }));
}

/** How many columns would be left out although something stands in them. */
export const unmapped = ({ columns }: ImportLooked): number =>
  columns.filter(({ field, samples }) => field === '' && samples.length > 0).length;

/** Whether somebody should look at the columns before going on: nobody knows the table, or something is left out. */
export const needsLook = (looked: ImportLooked): boolean =>
  looked.columns.length > 0 && (looked.file.dialect === '' || unmapped(looked) > 0);

const FORMATS: Record<string, string> = { vcard: 'vCard', csv: 'Table', jscontact: 'JSContact', picture: 'Picture' };

/** What a file is, in a few words. */
export function formatText({ format, dialect, cards }: ImportedFile): string {
  const kind = [FORMATS[format] ?? format, dialect].filter(Boolean).join(', ');
  return `${kind}, ${plural(cards, format === 'csv' ? 'row' : 'card')}`;
}

/** Whether another character set can be tried: JSContact is always UTF-8, a picture is no text. */
export const hasCharset = ({ format }: ImportedFile): boolean => format === 'vcard' || format === 'csv';

/** The character sets to choose from; the one a file was read in is among them. */
export function charsetsWith(charset: string): { value: string; text: string }[] {
  const value = charset.toLowerCase();
  const known = CHARSETS.some((one) => one.value === value);
  return known || value === '' ? CHARSETS : [{ value, text: charset }, ...CHARSETS];
}

/** Whether a file is a picture, by its type or its name. */
export const isPicture = ({ type, name }: { type: string; name: string }): boolean =>
  /^image\/(png|jpeg|webp)$/.test(type) || (type === '' && /\.(png|jpe?g|webp)$/i.test(name));

/** Labels are those of the WHATWG Encoding Standard, which the hub reads. */
const CHARSETS = [
  { value: 'utf-8', text: 'Unicode (UTF-8)' },
  { value: 'utf-16le', text: 'Unicode (UTF-16)' },
  { value: 'windows-1252', text: 'Western Europe' },
  { value: 'windows-1250', text: 'Central Europe' },
  { value: 'windows-1251', text: 'Cyrillic' },
  { value: 'koi8-r', text: 'Cyrillic (KOI8-R)' },
  { value: 'windows-1253', text: 'Greek' },
  { value: 'windows-1254', text: 'Turkish' },
  { value: 'windows-1255', text: 'Hebrew' },
  { value: 'windows-1256', text: 'Arabic' },
  { value: 'windows-1257', text: 'Baltic' },
  { value: 'windows-1258', text: 'Vietnamese' },
  { value: 'shift_jis', text: 'Japanese (Shift JIS)' },
  { value: 'euc-jp', text: 'Japanese (EUC)' },
  { value: 'gb18030', text: 'Chinese, simplified' },
  { value: 'big5', text: 'Chinese, traditional' },
  { value: 'euc-kr', text: 'Korean' },
];
