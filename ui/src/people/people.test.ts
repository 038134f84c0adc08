import { expect, test } from 'vitest';
import { mock } from '../api/mock';
import { Updates } from '../inbox/updates.svelte';
import { Sharing } from '../sharing/sharing.svelte';
import { People } from './people.svelte';
import { isLinked, stateText } from './words';

test('an invitation is made, called back, and one of somebody else is taken', async () => {
  const people = new People(mock({ contacts: 30 }));
  await people.load();
  const before = people.all?.links.filter(isLinked).length ?? 0;
  expect(before).toBeGreaterThan(1);
  await people.invite(true);
  const id = people.invited?.id ?? '';
  expect(people.all?.invitations.map((one) => one.id)).toContain(id);
  await people.cancel(id);
  expect(people.invited).toBeUndefined();
  expect(people.all?.invitations).toEqual([]);
  const accepted = await people.accept(' kith://link?p=1#2\n');
  expect(people.all?.links.filter(isLinked)).toHaveLength(before + 1);
  await expect(people.accept('https://example.org')).rejects.toMatchObject({ code: 'bad_request' });
  const link = people.all?.links.find(({ person_id }) => person_id === accepted.person_id);
  expect(link && stateText(link)).toBe('not verified yet');
  await people.verify(accepted.person_id);
  expect(people.all?.links.find(({ person_id }) => person_id === accepted.person_id)?.verified).toBe(true);
});

test('an update is accepted and taken back, after which what stood before is shown again', async () => {
  const hub = mock({ contacts: 30 });
  const updates = new Updates(hub);
  await updates.load();
  const first = updates.list?.[0];
  const phone = async () =>
    (await hub.call('contacts.show', { id: first?.contact_id ?? '', history: false })).properties.find(({ name }) => name === 'TEL')?.text;
  const before = await phone();
  await updates.accept(first?.id ?? '');
  expect(updates.list).toEqual([]);
  expect(await phone()).toBe(first?.changes[0]?.new);
  await updates.undo(first?.id ?? '');
  expect(await phone()).toBe(before);
  await expect(updates.undo(first?.id ?? '')).rejects.toMatchObject({ code: 'nothing_to_undo' });
});

test('who should know is looked at before anything is sent', async () => {
  const sharing = new Sharing(mock({ contacts: 30 }));
  await sharing.look();
  const all = sharing.preview?.recipients ?? [];
  expect(all.length).toBeGreaterThan(1);
  await sharing.leaveOut(all[0]?.contact_id ?? '');
  expect(sharing.preview?.recipients).toHaveLength(all.length - 1);
  const sent = await sharing.send();
  expect(sent?.recipients).toBe(all.length - 1);
});
