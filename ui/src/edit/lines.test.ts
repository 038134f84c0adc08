import { describe, expect, test } from 'vitest';
import type { Card, CardProperty } from '../api/types';
import { editsOf, fullName, isTouched, isToSave, linesOf, merge, newLine, settle, splitName, type Line } from './lines';

const property = (id: string, name: string, parts: string[][], more: Partial<CardProperty> = {}): CardProperty => ({
  id,
  name,
  parts,
  group: '',
  label: '',
  params: {},
  value: '',
  text: '',
  layer: 'mine',
  source: '',
  layers: [],
  hidden: false,
  changed_since_hidden: false,
  e164: '',
  time: '',
  device: '',
  path: 'here',
  others: [],
  ...more,
});

const card = (properties: CardProperty[]): Card => ({
  id: 'dora',
  name: 'Dora Kovács',
  reading: '',
  organisation: false,
  me: false,
  favourite: false,
  trashed: false,
  trash_undecided: false,
  properties,
  groups: [],
  tags: [],
});

const DORA = [
  property('n', 'N', [['Kovács'], ['Dora'], [''], ['Dr.', 'Dipl.'], ['']]),
  property('cell', 'TEL', [['+351 912']], { params: { TYPE: ['CELL', 'VOICE'] }, label: 'CELL' }),
  property('own', 'TEL', [['+86 571']], { params: {}, label: '妈妈家' }),
  property('adr', 'ADR', [[''], [''], ['Rua 12', '3.º'], ['Porto'], [''], ['4000'], ['Portugal']]),
];

const find = (lines: Line[], id: string): Line => lines.find((line) => line.id === id) ?? newLine('?');

describe('a save', () => {
  test('writes nothing where nothing changed', () => {
    expect(editsOf(linesOf(card(DORA)), [])).toEqual({ set: [], unset: [] });
  });

  test('writes one property and keeps the components that were not touched as they came', () => {
    const lines = linesOf(card(DORA));
    find(lines, 'n').parts[1] = 'Theodora';
    expect(editsOf(lines, []).set).toEqual([
      { property_id: 'n', add: false, name: 'N', parts: [['Kovács'], ['Theodora'], [''], ['Dr.', 'Dipl.'], ['']] },
    ]);
  });

  test('adds, empties and removes', () => {
    const lines = linesOf(card(DORA));
    find(lines, 'cell').parts[0] = ' ';
    const mail = newLine('EMAIL', 'work');
    mail.parts[0] = 'dora@clinic.example';
    expect(editsOf([...lines, mail, newLine('URL')], ['own'])).toEqual({
      set: [{ add: true, name: 'EMAIL', parts: [['dora@clinic.example']], params: { TYPE: ['work'] }, label: '' }],
      unset: ['own', 'cell'],
    });
  });

  test('changes a type and leaves alone the types that the editor does not offer', () => {
    const lines = linesOf(card(DORA));
    find(lines, 'cell').type = 'work';
    find(lines, 'own').label = 'granny';
    expect(editsOf(lines, []).set).toEqual([
      {
        property_id: 'cell',
        add: false,
        name: 'TEL',
        parts: [['+351 912']],
        params: { TYPE: ['work', 'VOICE'] },
        label: '',
      },
      { property_id: 'own', add: false, name: 'TEL', parts: [['+86 571']], params: {}, label: 'granny' },
    ]);
  });
});

describe('a change that arrives meanwhile', () => {
  test('is followed where nobody typed, and leaves alone what was typed', () => {
    const lines = linesOf(card(DORA));
    find(lines, 'cell').parts[0] = '+351 typed';
    const theirs = DORA.map((one) =>
      one.id === 'cell'
        ? { ...one, parts: [['+351 theirs']] }
        : one.id === 'n'
          ? { ...one, parts: [['Kovács'], ['Dorottya'], [''], [''], ['']] }
          : one,
    );
    const merged = merge(lines, [], card([...theirs, property('new', 'EMAIL', [['d@k.example']])]));
    expect(find(merged.lines, 'cell').parts).toEqual(['+351 typed']);
    expect(find(merged.lines, 'n').parts[1]).toBe('Dorottya');
    expect(find(merged.lines, 'new').parts).toEqual(['d@k.example']);
    expect(merged.changed).toHaveLength(2);
    expect(editsOf(merged.lines, []).set.map((edit) => edit.property_id)).toEqual(['cell']);
  });

  test('takes away what nobody touched and makes new again what was typed', () => {
    const lines = linesOf(card(DORA));
    find(lines, 'own').parts[0] = '+86 typed';
    const merged = merge(lines, [], card(DORA.filter(({ id }) => id === 'n')));
    expect(merged.lines.map(({ id, name }) => [id, name])).toEqual([
      ['n', 'N'],
      [undefined, 'TEL'],
    ]);
    expect(editsOf(merged.lines, []).set).toMatchObject([{ add: true, name: 'TEL', parts: [['+86 typed']] }]);
  });
});

test('a shown name follows its parts in either order', () => {
  expect(fullName(['Kovács', 'Dora', '', '', ''], false)).toBe('Dora Kovács');
  expect(fullName(['Kovács', 'Dora', '', 'Dr.', 'PhD'], true)).toBe('Dr. Kovács Dora PhD');
  expect(fullName(['白', '晓雯', '', '', ''], true)).toBe('白晓雯');
  expect(splitName('Ana Maria Costa').slice(0, 2)).toEqual(['Costa', 'Ana Maria']);
  expect(splitName('白晓雯').slice(0, 2)).toEqual(['白', '晓雯']);
});

describe('what a name is sorted by', () => {
  const name = property('n', 'N', [['van der Harten'], ['Rene'], [''], [''], ['']], { params: { 'SORT-AS': ['Harten,Rene'] } });

  test('it is shown even where the name says it by itself, and an untouched card writes nothing', () => {
    const lines = linesOf(card([name]));
    expect(lines.find((line) => line.name === 'SORT-STRING')?.parts).toEqual(['Harten Rene']);
    expect(editsOf(lines, [])).toEqual({ set: [], unset: [] });
    expect(lines.some(isToSave)).toBe(false);
  });

  test('saying something else takes it off the name', () => {
    const lines = linesOf(card([name])).map((line): Line => (line.name === 'SORT-STRING' ? { ...line, parts: ['Rene'] } : line));
    const { set } = editsOf(lines, []);
    expect(set).toContainEqual({ add: true, name: 'SORT-STRING', parts: [['Rene']] });
    expect(set).toContainEqual({ property_id: 'n', add: false, name: 'N', parts: name.parts, params: {} });
  });

  test('saying nothing any more takes it off the name, too', () => {
    const lines = linesOf(card([name])).map((line): Line => (line.name === 'SORT-STRING' ? { ...line, parts: [''] } : line));
    expect(lines.some(isToSave)).toBe(true);
    expect(editsOf(lines, []).set).toEqual([{ property_id: 'n', add: false, name: 'N', parts: name.parts, params: {} }]);
  });
});

test('what the card does not show is not edited', () => {
  expect(linesOf(card([property('b', 'BDAY', [['19841214']], { hidden: true })]))).toEqual([]);
});

describe('after a save by itself', () => {
  const saved = (lines: Line[]) => lines.map((line) => ({ ...line, parts: [...line.parts], base: { ...line.base, parts: [...line.base.parts] } }));

  test('a new line knows which property it became, and is not there twice', () => {
    const lines = [...linesOf(card(DORA)), { ...newLine('EMAIL', 'home'), parts: ['d@k.example'] }];
    const fresh = card([...DORA, property('mail', 'EMAIL', [['d@k.example']], { params: { TYPE: ['home'] }, label: 'home' })]);
    const settled = settle(lines, saved(lines), [], fresh).lines;
    expect(settled.filter(({ name }) => name === 'EMAIL').map(({ id }) => id)).toEqual(['mail']);
    expect(settled.some(isToSave)).toBe(false);
  });

  test('what was typed meanwhile is still to be saved, under the property that it became', () => {
    const typed = { ...newLine('EMAIL', 'home'), parts: ['d@k.example'] };
    const sent = saved([typed]);
    typed.parts = ['d@k.example.org'];
    const fresh = card([property('mail', 'EMAIL', [['d@k.example']], { params: { TYPE: ['home'] }, label: 'home' })]);
    const [line] = settle([typed], sent, [], fresh).lines;
    expect([line?.id, line?.parts[0], line && isTouched(line)]).toEqual(['mail', 'd@k.example.org', true]);
  });

  test('an emptied line is nothing to save any more, and may be filled again', () => {
    const lines = linesOf(card(DORA));
    find(lines, 'cell').parts[0] = '';
    const settled = settle(lines, saved(lines), [], card(DORA.filter(({ id }) => id !== 'cell'))).lines;
    expect(settled.some(isToSave)).toBe(false);
    const emptied = settled.find(({ name, id }) => name === 'TEL' && id === undefined) ?? newLine('?');
    emptied.parts[0] = '+351 1';
    expect(editsOf(settled, []).set).toMatchObject([{ add: true, name: 'TEL', parts: [['+351 1']] }]);
  });

  test('what the hub writes otherwise is taken as it is, and never sent again', () => {
    const lines = [{ ...newLine('TEL'), parts: ['tel:1'] }, ...linesOf(card(DORA))];
    find(lines, 'cell').parts[0] = ' +351  912 ';
    const fresh = card([...DORA.filter(({ id }) => id !== 'cell'), property('cell', 'TEL', [['+351912']]), property('new', 'TEL', [['1']])]);
    const settled = settle(lines, saved(lines), [], fresh).lines;
    expect(settled.filter(isToSave)).toEqual([]);
    expect(find(settled, 'cell').parts).toEqual(['+351912']);
    expect(find(settled, 'new').parts).toEqual(['1']);
  });

  test('two lines that say the same become two properties', () => {
    const lines = [{ ...newLine('TEL'), parts: ['1'] }, { ...newLine('TEL'), parts: ['1'] }];
    const settled = settle(lines, saved(lines), [], card([property('a', 'TEL', [['1']]), property('b', 'TEL', [['1']])])).lines;
    expect(settled.map(({ id }) => id)).toEqual(['a', 'b']);
  });
});
