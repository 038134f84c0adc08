import { expect, test } from 'vitest';
import { mock } from '../api/mock';
import type { FieldChange, InboxUpdate } from '../api/types';
import { Updates } from '../inbox/updates.svelte';
import { overdueOf } from './overdue';
import { Policies } from './policies.svelte';

const change = (name: string, torn = false): FieldChange => ({ property_id: `id-${name}`, name, new: 'x', identity: false, torn });
const update = (id: string, more: Partial<InboxUpdate> = {}): InboxUpdate => ({
  id, person_id: 'bob', name: 'Bob', kind: 'card', item: '', time: '', changes: [change('TEL')], state: 'waiting', first: false, candidates: [], lookalikes: [], ...more,
});
const automatic = () => 'automatic';

test('what asks whatever was said is never overdue', () => {
  const asking = [
    update('later', { state: 'later' }),
    update('first', { first: true }),
    update('lookalike', { lookalikes: [{ id: '1', name: 'Bοb' }] }),
    update('given', { kind: 'contact' }),
    update('torn', { changes: [change('TEL', true)] }),
  ];
  expect(overdueOf([...asking, update('usual')], automatic)).toEqual([{ id: 'usual', fields: [] }]);
});

test('only what the policy of its field takes is overdue, and of one person only theirs', () => {
  const updates = [update('name', { changes: [change('FN'), change('N'), change('TEL')] }), update('ann', { person_id: 'ann' })];
  const all = overdueOf(updates, (_, field) => (field === 'FN' ? 'ask' : 'automatic'));
  expect(all).toEqual([{ id: 'name', fields: ['id-TEL'] }, { id: 'ann', fields: [] }]);
  expect(overdueOf(updates, automatic, 'ann').map(({ id }) => id)).toEqual(['ann']);
  expect(overdueOf(updates, () => 'ask')).toEqual([]);
});

test('after the policy is automatic again, what waited is accepted with it', async () => {
  const hub = mock({ contacts: 30 });
  const [policies, updates] = [new Policies(hub), new Updates(hub)];
  await Promise.all([policies.load(), updates.load()]);
  const overdue = () => overdueOf(updates.list ?? [], (person, field) => policies.counting(person, field));
  await policies.set('ask');
  expect(overdue()).toEqual([]);
  const [waiting] = updates.waiting;
  await policies.set('refuse', waiting?.person_id, 'TEL');
  await policies.set('automatic', waiting?.person_id);
  expect(overdue()).toEqual([{ id: waiting?.id, fields: [waiting?.changes.find(({ name }) => name === 'FN')?.property_id] }]);
  await policies.set('', waiting?.person_id, 'TEL');
  expect(overdue()).toEqual([{ id: waiting?.id, fields: [] }]);
  await updates.acceptAll(overdue());
  expect(overdue()).toEqual([]);
  expect(updates.settled[0]).toMatchObject({ id: waiting?.id, state: 'accepted' });
});
