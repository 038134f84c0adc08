import { expect, test } from 'vitest';
import { mock } from '../api/mock';
import { Updates } from '../inbox/updates.svelte';
import { Sharing } from '../sharing/sharing.svelte';
import { People } from './people.svelte';
import { Policies } from './policies.svelte';
import { isLinked, policyText, stateText } from './words';

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

test('an invitation of somebody who is not reached waits, and is taken back', async () => {
  const people = new People(mock({ contacts: 30 }));
  await people.load();
  const before = people.all?.links.length;
  expect((await people.accept('kith://link?p=1&a=192.0.2.1:4820#2')).state).toBe('waiting');
  const [waits] = people.all?.waiting ?? [];
  expect(waits?.name).toBe('Noor Haddad');
  await people.cancel(waits?.id ?? '');
  expect([people.all?.waiting, people.all?.links.length]).toEqual([[], before]);
  await expect(people.cancel('nothing')).rejects.toMatchObject({ code: 'not_found' });
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
  expect(updates.list?.map(({ id }) => id)).not.toContain(first?.id);
  expect(updates.settled[0]?.id).toBe(first?.id);
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

test('an update is put off, refused, or taken in part; what waits goes by itself to the next', async () => {
  const hub = mock({ contacts: 30 });
  const updates = new Updates(hub);
  await updates.load();
  const [first, second] = updates.waiting;
  if (!first || !second) throw new Error('two wait');
  expect([updates.current?.id, updates.move(1), updates.move(1), updates.move(-1)]).toEqual([first.id, second.id, second.id, first.id]);
  const { until } = await updates.putOff(first.id, '8h');
  expect(Date.parse(until ?? '') - Date.now()).toBeGreaterThan(7 * 3_600_000);
  expect(updates.later.map(({ id }) => id)).toContain(first.id);
  expect(updates.current?.id).toBe(second.id);
  await expect(updates.putOff(first.id, 'soon')).rejects.toMatchObject({ code: 'bad_request' });
  await updates.accept(first.id, ['TEL']);
  const card = await hub.call('contacts.show', { id: first.contact_id ?? '', history: false });
  expect(card.name, 'the name was not taken').toBe(first.name);
  expect(card.properties.find(({ name }) => name === 'TEL')?.text).toBe('+46 70 555 09 12');
  await updates.refuse(second.id);
  expect(updates.waiting).toEqual([]);
});

test('the narrowest of what is said about updates stands; nothing said leaves it to the rest', async () => {
  const policies = new Policies(mock({ contacts: 30 }));
  await policies.load();
  expect(policies.of()).toBe('');
  await policies.set('ask');
  await policies.set('refuse', 'p', 'PHOTO');
  expect([policies.of(), policies.of('p'), policies.of('p', 'PHOTO'), policies.fieldsOf('p'), policies.fieldsOf()]).toEqual(['ask', '', 'refuse', ['PHOTO'], []]);
  await policies.set('', 'p', 'PHOTO');
  expect(policies.fieldsOf('p')).toEqual([]);
  await policies.letKnow(true);
  expect(policies.tell).toBe(true);
  expect(policyText('unmetered')).toBe('on unmetered networks');
});
