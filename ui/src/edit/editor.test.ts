import { describe, expect, test } from 'vitest';
import { mock, type Mock } from '../api/mock';
import type { Card } from '../api/types';
import { Editor } from './editor.svelte';

async function dora(hub: Mock): Promise<Card> {
  const page = await hub.call('contacts.list', { find: 'aoife', offset: 0, trash: false, undecided: false, recent: false, favourites: false });
  return hub.call('contacts.show', { id: page.contacts[0]?.id ?? '', history: false });
}

const textOf = (card: Card, name: string) => card.properties.filter((property) => property.name === name).map(({ text }) => text);

describe('a sitting', () => {
  test('is saved in pieces and taken back as one', async () => {
    const hub = mock({ contacts: 30 });
    const before = await dora(hub);
    const editor = new Editor(hub, before);
    editor.rename(editor.line('N'), 1, 'Eve');
    await editor.save();
    const mail = editor.add('EMAIL', 'home');
    mail.parts[0] = 'eve@brennan.example';
    await editor.save();
    await editor.save();
    const now = await hub.call('contacts.show', { id: before.id, history: false });
    expect([textOf(now, 'FN'), textOf(now, 'EMAIL')]).toEqual([['Eve Brennan'], ['eve@brennan.example']]);
    expect(await editor.takeBack()).toBe(true);
    const back = await hub.call('contacts.show', { id: before.id, history: false });
    expect([textOf(back, 'FN'), textOf(back, 'EMAIL')]).toEqual([['Aoife Brennan'], []]);
  });

  test('takes in what another device writes while a save is on its way, and keeps what is typed', async () => {
    const hub = mock({ contacts: 30 });
    const card = await dora(hub);
    const editor = new Editor(hub, card);
    editor.line('TITLE').parts[0] = 'Alto';
    const saving = editor.save();
    while (!editor.saving) await Promise.resolve();
    hub.remote(card.id, 'TEL', '+353 85 555 0199');
    editor.take(card, 'Studio PC');
    editor.line('TITLE').parts[0] = 'Alto, second row';
    await saving;
    expect(editor.line('TEL').parts[0]).toBe('+353 85 555 0199');
    expect(editor.line('TITLE').parts[0]).toBe('Alto, second row');
    expect(editor.touched).toBe(true);
    await editor.finish();
    const now = await hub.call('contacts.show', { id: card.id, history: false });
    expect([textOf(now, 'TITLE'), textOf(now, 'TEL')]).toEqual([['Alto, second row'], ['+353 85 555 0199']]);
  });

  test('a line that was taken out comes back where it was, saved or not', async () => {
    const hub = mock({ contacts: 30 });
    const card = await dora(hub);
    const editor = new Editor(hub, card);
    const back = editor.remove(editor.line('TEL'));
    expect(editor.touched).toBe(true);
    back();
    expect(editor.touched).toBe(false);
    const again = editor.remove(editor.line('TEL'));
    await editor.save();
    again();
    await editor.finish();
    expect(textOf(await hub.call('contacts.show', { id: card.id, history: false }), 'TEL')).toEqual(textOf(card, 'TEL'));
  });

  test('a new card without a person is an organisation, told only at the end', async () => {
    const hub = mock({ contacts: 30 });
    const editor = new Editor(hub);
    editor.rename(editor.line('ORG'), 0, 'Harbour Labs');
    const id = (await editor.save()) ?? '';
    expect(textOf(await hub.call('contacts.show', { id, history: false }), 'KIND')).toEqual([]);
    await editor.finish();
    expect(textOf(await hub.call('contacts.show', { id, history: false }), 'KIND')).toEqual(['org']);
  });

  test('keeps the order in which values were put, also of one that is new', async () => {
    const hub = mock({ contacts: 30 });
    const card = await dora(hub);
    const editor = new Editor(hub, card);
    const fresh = editor.add('TEL', 'work');
    fresh.parts[0] = '+49 30 5550100';
    const line = editor.all('TEL')[1];
    if (line) expect(editor.move(line, -1)).toBe(true);
    expect(editor.touched).toBe(true);
    await editor.finish();
    const numbers = async () => textOf(await hub.call('contacts.show', { id: card.id, history: false }), 'TEL');
    expect(await numbers()).toEqual(['+49 30 5550100', ...textOf(card, 'TEL')]);
    expect(editor.touched).toBe(false);
    expect(await editor.takeBack()).toBe(true);
    expect(await numbers()).toEqual(textOf(card, 'TEL'));
    await hub.call('contacts.redo', {});
    expect(await numbers()).toEqual(['+49 30 5550100', ...textOf(card, 'TEL')]);
  });
});

test('my own card is saved when I say so, in one change that keeps what it said before, and taken back as one', async () => {
  const hub = mock({ contacts: 3 });
  const card = await hub.call('me.show', { history: false });
  const editor = new Editor(hub, card);
  expect(editor.isMine).toBe(true);
  const phone = editor.line('TEL');
  const before = phone.parts[0];
  editor.write(phone, 0, '+46 70 555 02 00');
  editor.saveSoon();
  await new Promise((done) => setTimeout(done, 1_400));
  expect(editor.savedAt, 'a pause is no decision').toBeUndefined();
  expect(await editor.save()).toBe(card.id);
  const shared = (await hub.call('me.show', { history: false })).shared.find(({ name }) => name === 'TEL');
  expect(shared?.former[0]?.text).toBe(before);
  expect(await editor.takeBack()).toBe(true);
});
