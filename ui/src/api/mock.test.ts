import { expect, test } from 'vitest';
import source from './types.ts?raw';
import { mock } from './mock';

test('the hub in memory answers the whole command list and nothing else', () => {
  const list = source.slice(source.indexOf('export interface Commands'));
  const names = [...list.matchAll(/^\s*"([a-z._]+)":/gm)].map(([, name]) => name);
  expect(names.length).toBeGreaterThan(20);
  expect(Object.keys(mock({ contacts: 0 }).handlers).sort()).toEqual(names.sort());
});

test('the hub in memory pages a long book', async () => {
  const hub = mock({ contacts: 1_000 });
  const page = await hub.call('contacts.list', {
    offset: 500,
    limit: 100,
    trash: false,
    undecided: false,
    recent: false,
    favourites: false,
  });
  expect(page.contacts).toHaveLength(100);
  expect(page.total).toBe(998);
  expect(page.letters).toEqual([]);
  const first = await hub.call('contacts.list', {
    offset: 0,
    limit: 100,
    trash: false,
    undecided: false,
    recent: false,
    favourites: false,
  });
  expect(first.letters[0]).toEqual({ letter: 'A', offset: 0 });
});

test('the hub in memory does again what was taken back, until something else is done', async () => {
  const hub = mock({ contacts: 30 });
  const { contacts } = await hub.call('contacts.list', { offset: 0, trash: false, undecided: false, recent: false, favourites: false });
  const [one, other] = contacts.map(({ id }) => id);
  for (const id of [one, other]) await hub.call('contacts.trash', { ids: [id ?? ''] });
  const gone = async () => (await hub.call('status', {})).book.trash;
  const all = await gone();
  for (let at = 0; at < 2; at += 1) await hub.call('contacts.undo', {});
  expect(await gone()).toBe(all - 2);
  for (let at = 0; at < 2; at += 1) await hub.call('contacts.redo', {});
  expect(await gone()).toBe(all);
  await expect(hub.call('contacts.redo', {})).rejects.toMatchObject({ code: 'nothing_to_undo' });
  await hub.call('contacts.undo', {});
  await hub.call('contacts.trash', { ids: [one ?? ''] });
  await expect(hub.call('contacts.redo', {})).rejects.toMatchObject({ code: 'nothing_to_undo' });
});
