/** The backups panel's state against the hub in memory. */
import { expect, test } from 'vitest';
import { mock } from '../api/mock';
import { Welcome } from '../welcome/welcome.svelte';
import { Backups } from './backups.svelte';

const CODE = 'H7K2-9QWM-4TXD-P3VB-8RNC-6YFJ-2A';

test('a folder is chosen, a backup is made at once, and the code proves it', async () => {
  const hub = mock({ contacts: 40 });
  const backups = new Backups(hub);
  const { contacts } = (await hub.call('status', {})).book;
  await backups.load();
  expect(backups.plan?.every).toBe('off');
  await backups.now();
  expect(backups.error?.message).toContain('folder');

  await backups.set('1d', ' /media/stick ');
  expect(backups.plan).toMatchObject({ every: '1d', folder: '/media/stick', changed: false });
  expect(backups.generations).toHaveLength(1);
  expect(backups.generations?.[0]?.contacts).toBe(contacts);

  await backups.drill('nonsense');
  expect(backups.error?.code).toBe('wrong_code');
  expect(backups.drilled).toBeUndefined();
  await backups.drill(CODE);
  expect(backups.drilled).toMatchObject({ opened: true, contacts, same_as_book: true });
});

test('an edit makes the backup old', async () => {
  const hub = mock({ contacts: 3 });
  const backups = new Backups(hub);
  await backups.set('1d', '/backups');
  await hub.call('contacts.add', { properties: [{ add: true, name: 'FN', parts: [['Ada']] }] });
  await backups.load();
  expect(backups.plan?.changed).toBe(true);
});

test('a fresh device comes back from a backup with the right code only', async () => {
  const welcome = new Welcome(mock({ contacts: 0, setUp: false }));
  welcome.go('restore');
  Object.assign(welcome, { from: '/media/stick', device: 'New laptop', paper: 'nonsense' });
  await welcome.restore();
  expect(welcome.error?.code).toBe('wrong_code');
  expect(welcome.restored).toBeUndefined();
  welcome.written = CODE;
  await welcome.restore();
  expect(welcome.restored?.devices.map(({ name }) => name)).toEqual(['Old laptop']);
  expect(welcome.written).toBe('');
});
