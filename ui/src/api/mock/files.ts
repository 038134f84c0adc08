/** Files in the hub in memory: what they are, what importing them would do, and what an export says. */
import type { Export, Exported, ImportField, ImportFile, ImportLooked, ImportRow, Imported, PropertyEdit } from '../types';
import type { MockBook } from './book';

const FIELDS: ImportField[] = [
  { field: 'fn', label: 'Full name' },
  { field: 'n;given', label: 'Given name' },
  { field: 'n;family', label: 'Family name' },
  { field: 'org', label: 'Organisation' },
  { field: 'tel;cell', label: 'Phone (mobile)' },
  { field: 'tel;work', label: 'Phone (work)' },
  { field: 'email;home', label: 'Mail (home)' },
  { field: 'bday', label: 'Birthday' },
  { field: 'note', label: 'Note' },
];
const WORDS: Record<string, string> = { name: 'fn', 'first name': 'n;given', 'last name': 'n;family', company: 'org', mobile: 'tel;cell', phone: 'tel;work', mail: 'email;home', 'e-mail': 'email;home', birthday: 'bday', notes: 'note' };

interface Read {
  line: number;
  name: string;
  properties: PropertyEdit[];
}

const isCsv = ({ name }: ImportFile) => /\.(csv|tsv)$/i.test(name);

function textOf({ content, charset }: ImportFile): string {
  const bytes = Uint8Array.from(atob(content ?? ''), (byte) => byte.charCodeAt(0));
  return new TextDecoder(charset || 'utf-8').decode(bytes);
}

const cells = (line: string): string[] => line.split(/[,;\t]/).map((cell) => cell.trim().replaceAll(/^"|"$/g, ''));

export function look(file: ImportFile): ImportLooked {
  const text = textOf(file);
  const told = { file: file.name, charset: file.charset || 'utf-8', cards: read(file).cards.length };
  if (!isCsv(file)) return { file: { ...told, format: 'vcard', dialect: '3.0' }, columns: [], fields: [] };
  const [header = '', ...rows] = text.split(/\r?\n/).filter(Boolean);
  const columns = cells(header).map((name, at) => ({
    column: at + 1,
    name,
    field: meaning(file, at + 1, name),
    samples: rows.map((row) => cells(row)[at] ?? '').filter(Boolean).slice(0, 3),
  }));
  return { file: { ...told, format: 'csv', dialect: header.startsWith('First Name,') ? 'Google' : '' }, columns, fields: FIELDS };
}

const meaning = ({ columns }: ImportFile, column: number, name: string): string =>
  columns ? (columns.find((one) => one.column === column)?.field ?? '') : (WORDS[name.toLowerCase()] ?? '');

function read(file: ImportFile): { cards: Read[]; failed: { line: number; reason: string }[] } {
  const text = textOf(file);
  if (isCsv(file)) {
    const [header = '', ...rows] = text.split(/\r?\n/);
    const names = cells(header);
    const cards: Read[] = [];
    const failed: { line: number; reason: string }[] = [];
    rows.forEach((row, at) => {
      if (row === '') return;
      const found = cells(row).map((value, column) => ({ value, field: meaning(file, column + 1, names[column] ?? '') }));
      const of = (field: string) => found.find((one) => one.field === field)?.value ?? '';
      const name = of('fn') || [of('n;given'), of('n;family')].filter(Boolean).join(' ');
      const properties = found
        .filter(({ field, value }) => value !== '' && field !== '' && !field.startsWith('n;') && field !== 'fn')
        .map(({ field, value }): PropertyEdit => {
          const [property = '', type] = field.split(';');
          return { add: true, name: property.toUpperCase(), parts: [[value]], ...(type && { params: { TYPE: [type] } }) };
        });
      if (name === '') failed.push({ line: at + 2, reason: 'This row has no name.' });
      else cards.push({ line: at + 2, name, properties });
    });
    return { cards, failed };
  }
  const found = [...text.matchAll(/BEGIN:VCARD[\s\S]*?END:VCARD/g)];
  if (found.length === 0) return { cards: [], failed: [{ line: 1, reason: 'This is no vCard: it does not begin with BEGIN:VCARD.' }] };
  return {
    failed: [],
    cards: found.map((match) => ({
      line: text.slice(0, match.index).split('\n').length,
      name: /^FN[^:]*:(.*)$/m.exec(match[0])?.[1]?.trim() ?? 'No name',
      properties: [...match[0].matchAll(/^(TEL|EMAIL)[^:]*:(.*)$/gm)].map(([, name = '', value = '']) => ({ add: true, name, parts: [[value.trim()]] })),
    })),
  };
}

/** What an import comes to, and the cards it would add. */
export function imported(files: ImportFile[], dryRun: boolean, book: MockBook): { report: Imported; cards: Read[] } {
  const known = new Map([...book.kept.values()].map(({ card }) => [card.name, card.id]));
  const all = files.map((file) => ({ file, ...read(file) }));
  const cards = all.flatMap(({ cards }) => cards.filter(({ name }) => !known.has(name)));
  const rows = all.flatMap(({ file, cards }) =>
    cards.map(({ line, name }): ImportRow => ({ file: file.name, line, name, action: known.has(name) ? 'unchanged' : 'added', id: known.get(name) ?? '' })),
  );
  const report = {
    added: cards.length,
    updated: 0,
    unchanged: rows.length - cards.length,
    failed: all.flatMap(({ file, failed }) => failed.map((one) => ({ file: file.name, ...one }))),
    notes: [],
    files: files.map((file) => look(file).file),
    rows: dryRun ? rows : [],
    stopped: false,
  };
  return { cards, report };
}

export function exported({ ids, path, csv, jscontact }: Export, book: MockBook): Exported {
  const cards = [...book.kept.values()]
    .map(({ card }) => card)
    .filter((card) => !card.me && !card.trashed && (ids.length === 0 || ids.includes(card.id)));
  const vcard = () =>
    cards.map((card) => ['BEGIN:VCARD', 'VERSION:3.0', ...card.properties.map(({ name, value }) => `${name}:${value}`), 'END:VCARD', ''].join('\r\n'));
  const text = csv
    ? ['Name', ...cards.map(({ name }) => `"${name}"`)].join('\r\n')
    : jscontact
      ? JSON.stringify(cards.map(({ name }) => ({ '@type': 'Card', name: { full: name } })))
      : vcard().join('');
  const notes = cards.filter(({ properties }) => properties.some(({ name }) => name.startsWith('X-'))).length;
  return { contacts: cards.length, left_out: csv && notes > 0 ? [`${notes} fields of your own`] : [], ...(path === undefined && { text }) };
}
