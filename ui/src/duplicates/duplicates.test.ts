import { expect, test } from 'vitest';
import { mock } from '../api/mock';
import { Duplicates } from './duplicates.svelte';

async function opened() {
  const hub = mock({ contacts: 214 });
  const duplicates = new Duplicates(hub);
  await duplicates.load();
  return { hub, duplicates };
}

test('the surest pair is open first, and who shares a number only is counted apart', async () => {
  const { duplicates } = await opened();
  expect(duplicates.pairs?.[0]?.why).toBe('same name and number and mail address');
  expect(duplicates.open?.a.name).toBe('Dora Kovács');
  expect(duplicates.households).toBeGreaterThan(0);
});

test('skipping goes round', async () => {
  const { duplicates } = await opened();
  const first = duplicates.open?.a.id;
  duplicates.skip();
  expect(duplicates.open?.a.id).not.toBe(first);
  for (let at = 1; at < (duplicates.pairs?.length ?? 0); at += 1) duplicates.skip();
  expect(duplicates.open?.a.id).toBe(first);
});

test('a choice decides what stays, and undo brings both back', async () => {
  const { hub, duplicates } = await opened();
  const { open } = duplicates;
  await open?.load();
  const birthday = open?.result?.fields.find(({ name }) => name === 'BDAY');
  expect(open?.keep(birthday?.field ?? '')).toBe('a');
  open?.choose(birthday?.field ?? '', 'b');
  const id = (await open?.merge()) ?? '';
  if (open) duplicates.settle(open);
  const card = await hub.call('contacts.show', { id, history: false });
  expect(card.properties.filter(({ name, hidden }) => name === 'BDAY' && !hidden).map(({ value }) => value)).toEqual(['19841214']);
  expect(duplicates.open?.a.id).not.toBe(open?.a.id);

  await hub.call('contacts.undo', {});
  await duplicates.load();
  expect(duplicates.pairs?.[0]?.a_name).toBe('Dora Kovács');
});

test('two people stay two until that is taken back', async () => {
  const { hub, duplicates } = await opened();
  const { open } = duplicates;
  const count = duplicates.pairs?.length ?? 0;
  if (open) await duplicates.apart(open);
  await duplicates.load();
  expect(duplicates.pairs).toHaveLength(count - 1);
  await hub.call('contacts.undo', {});
  await duplicates.load();
  expect(duplicates.pairs).toHaveLength(count);
});

test('a comparison that fails says so and keeps its choices', async () => {
  const { hub, duplicates } = await opened();
  const comparison = duplicates.compare({ id: 'nobody', name: '' }, { id: 'none', name: '' });
  await comparison.load();
  expect(comparison.error?.code).toBe('not_found');
  expect(hub.handlers['held.list']({})).toEqual({ held: [] });
});
