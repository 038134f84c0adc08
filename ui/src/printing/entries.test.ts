import { expect, test } from 'vitest';
import { mock } from '../api/mock';
import type { Card, CardProperty } from '../api/types';
import { fieldLabel, linesOf } from '../card/fields';
import { entryOf } from './entries';
import { PRINTED_MAX, Printing } from './printing.svelte';

const words = { labelOf: fieldLabel, linesOf };
const property = (name: string, text: string, more: Partial<CardProperty> = {}): CardProperty => ({
  id: name + text, name, group: '', label: '', params: {}, value: text, parts: [[text]], text, layer: 'mine', source: '', layers: [],
  hidden: false, changed_since_hidden: false, e164: '', time: '', device: '', path: 'here', others: [], ...more,
});
const card: Card = {
  id: 'a', name: 'Anja Lindqvist', reading: '', organisation: false, me: false, favourite: false, trashed: false, trash_undecided: false, groups: [], tags: [],
  properties: [
    property('NOTE', 'Rings the yard first.'), property('FN', 'Anja Lindqvist'), property('TITLE', 'Boat builder'), property('ORG', 'Lindqvist & Daughter'),
    property('TEL', '+46 70 555 01 18', { label: 'cell', params: { TYPE: ['cell'] } }), property('TEL', 'hidden', { hidden: true }),
    property('PHOTO', 'data:image/png;base64,xx'), property('X-ABUID', 'x'), property('BDAY', '1949-12-02'),
  ],
};

test('a list says how to reach somebody, a card says all that people read', () => {
  const list = entryOf(card, 'list', words);
  expect(list.work).toBe('Boat builder, Lindqvist & Daughter');
  expect(list.rows.map(({ label, lines }) => [label, ...lines])).toEqual([['mobile', '+46 70 555 01 18'], ['birthday', '2 December 1949']]);
  expect(entryOf(card, 'cards', words).rows.map(({ name }) => name)).toEqual(['TEL', 'BDAY', 'NOTE']);
});

test('what a list shows is read whole, and too many are refused with what to do instead', async () => {
  const hub = mock({ contacts: 120 });
  const ask = (offset: number, limit: number) => hub.call('contacts.list', { offset, limit, trash: false, undecided: false, recent: false, favourites: false });
  const printing = new Printing(hub, 'Everyone');
  await printing.readAll(ask);
  expect(printing.cards).toHaveLength((await ask(0, 1)).total);
  const many = new Printing(hub, 'Everyone');
  await many.readAll(async (offset, limit) => ({ ...(await ask(offset, limit)), total: PRINTED_MAX + 1 }));
  expect([many.cards, many.error?.message]).toEqual([undefined, expect.stringContaining('Choose a group')]);
});
