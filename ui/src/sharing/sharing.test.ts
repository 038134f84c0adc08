import { expect, test } from 'vitest';
import { mock } from '../api/mock';
import type { InteractionCount, LedgerEntry, Link } from '../api/types';
import { Calls } from './calls.svelte';
import { barsOf, countOf, freshText, oftenText, stepsTo } from './closeness';
import { holdersOf, stateText } from './ledger';
import { Ledger } from './ledger.svelte';
import { Mine } from './mine.svelte';
import { Sharing } from './sharing.svelte';
import { toggled, visibleText } from './visibility';

const NOW = new Date(2026, 10, 22, 12, 0);

test('closeness means those at or above a number of times, in a window, of the kinds that count', async () => {
  const sharing = new Sharing(mock({ contacts: 30 }));
  await sharing.begin();
  expect(sharing.audience.everyone).toBe(true);
  await sharing.closeness(true);
  const few = sharing.preview?.recipients.length ?? 0;
  expect(few).toBe(sharing.close);
  expect(sharing.preview?.recipients.every(({ why }) => / calls since /.test(why))).toBe(true);
  await sharing.atLeast(1);
  expect(sharing.preview?.recipients.length).toBeGreaterThan(few);
  await sharing.counted('call', false);
  expect(sharing.audience.kinds).toEqual(['message', 'mail']);
  expect(sharing.close).toBe(0);
  await sharing.counted('message', false);
  await sharing.counted('mail', false);
  expect(sharing.audience.kinds, 'no kind at all would mean every kind').toEqual(['mail']);
  await sharing.counted('message', true);
  await sharing.counted('call', true);
  expect(sharing.audience.kinds, 'all of them are said by naming none').toEqual([]);
  await sharing.closeness(false);
  expect(sharing.preview?.recipients).toEqual([]);
});

test('somebody is chosen by hand, left out, and left to the rules again; without Kith there is a message', async () => {
  const sharing = new Sharing(mock({ contacts: 30 }));
  await sharing.begin();
  await sharing.some();
  const [found] = await sharing.find('aoife');
  if (!found) throw new Error('nobody was found');
  await sharing.choose(found);
  expect(await sharing.find('aoife'), 'who is chosen is not offered again').not.toContainEqual(found);
  const reached = [...(sharing.preview?.recipients ?? []), ...(sharing.preview?.unreachable ?? [])].map(({ contact_id }) => contact_id);
  expect(reached).toEqual([found.id]);
  expect(sharing.nameOf(found.id)).toBe(found.name);
  await sharing.write(found.id);
  expect(sharing.letter?.vcard).toContain('BEGIN:VCARD');
  await sharing.write(found.id);
  expect(sharing.letter).toBeUndefined();
  await sharing.leaveOut(found.id);
  expect([sharing.audience.contacts, sharing.audience.except]).toEqual([[], [found.id]]);
  await sharing.forget(found.id);
  expect(sharing.audience.except).toEqual([]);
});

test('an audience is kept with the send, shown on my card, and let go', async () => {
  const hub = mock({ contacts: 30 });
  const [sharing, mine] = [new Sharing(hub), new Mine(hub)];
  await sharing.begin();
  sharing.keep = true;
  sharing.when = 'minutes:30';
  expect((await sharing.send())?.sent).toBeGreaterThan(0);
  await mine.load();
  expect([mine.card?.standing?.everyone, mine.card?.when]).toEqual([true, 'minutes:30']);
  const again = new Sharing(hub);
  await again.begin();
  expect([again.keep, again.when]).toEqual([true, 'minutes:30']);
  again.keep = false;
  await again.send();
  await mine.load();
  expect(mine.card?.standing).toBeUndefined();
});

test('who sees a field follows what is chosen, and taking it back takes it from the card', async () => {
  const mine = new Mine(mock({ contacts: 3 }));
  await mine.load();
  const phone = mine.card?.shared.find(({ name }) => name === 'TEL')?.property_id ?? '';
  await mine.show(phone, ['nobody']);
  expect(mine.card?.shared.find((field) => field.property_id === phone)?.visible).toEqual([['nobody']]);
  await mine.from(phone, '2026-12-01');
  expect(mine.card?.shared.find((field) => field.property_id === phone)?.from).toContain('2026-1');
  await mine.withdraw(phone);
  expect(mine.card?.properties.some(({ id }) => id === phone)).toBe(false);
});

test('visibility in words, and what a press makes of it', () => {
  const groups = [{ id: 'g', name: 'Family' }];
  const tags = [{ id: 't', name: 'climbing' }];
  const text = (...visible: string[][]) => visibleText(visible, groups, tags);
  expect(text(['everyone'])).toBe('everyone');
  expect(text(['nobody'])).toBe('only you');
  expect(text([])).toBe('only you');
  expect(text(['group:g', 'tag:t', 'contact:a', 'contact:b'])).toBe('Family or climbing or 2 people');
  expect(text(['group:gone'])).toBe('a group that is gone');
  expect(text(['group:g'], ['nobody'])).toBe('Family, and also only you');
  expect(toggled([['everyone']], 'group:g')).toEqual(['group:g']);
  expect(toggled([['group:g', 'tag:t']], 'group:g')).toEqual(['tag:t']);
  expect(toggled([['group:g']], 'group:g')).toEqual(['nobody']);
});

test('the slider has a step for every number that somebody reaches', () => {
  expect(stepsTo(0)).toEqual([1, 2, 3, 4, 5, 6, 8, 10]);
  expect(stepsTo(60).at(-1)).toBe(50);
  expect(stepsTo(9_999).at(-1)).toBe(1_000);
  expect(barsOf([1, 1, 3, 70], [1, 2, 3, 50])).toEqual([2, 0, 1, 1]);
  const one: InteractionCount = { id: '', name: '', count: 9, calls: 4, mails: 3, messages: 2 };
  expect([countOf(one, []), countOf(one, ['call', 'mail']), countOf(one, ['other'])]).toEqual([9, 7, 0]);
  expect([oftenText(1, 180), oftenText(26, 180), oftenText(180, 180), oftenText(2, 180)]).toEqual(['once', 'weekly', 'most days', 'now and then']);
  const fresh = { calls: new Date(2026, 10, 22, 9, 5).toISOString() };
  expect(freshText(fresh, [], NOW)).toBe('Known are calls until 09:05; no messages, mails.');
  expect(freshText({}, ['call', 'mail'], NOW)).toBe('No calls or mails were read yet.');
});

test('the ledger says what arrived and why the rest waits, and names first whom something waits for', async () => {
  const entry: LedgerEntry = { update_id: 'u', person_id: 'p', name: 'Bob', item_id: 'me', item: '', version: 2, state: 'waiting', path: '', made: new Date(2026, 10, 22, 9, 5).toISOString() };
  const link = { person_id: 'p', path: 'none' } as Link;
  expect(stateText(entry, link, NOW)).toBe('waiting since 09:05: none of their devices is near');
  expect(stateText(entry, { ...link, path: 'lan' }, NOW)).toBe('waiting since 09:05: their device is asked right now');
  const delivered = { ...entry, person_id: 'q', state: 'delivered', path: 'lan', delivered: entry.made };
  expect(stateText(delivered, undefined, NOW)).toBe('delivered, 09:05, over LAN');
  expect(stateText({ ...delivered, state: 'refused' }, undefined, NOW)).toBe('refused, 09:05, over LAN');
  expect(holdersOf([delivered, entry], [], [link], NOW).map(({ person }) => person)).toEqual(['p', 'q']);

  const ledger = new Ledger(mock({ contacts: 30 }));
  await ledger.load();
  expect(ledger.all?.length).toBe(3);
  expect(ledger.all?.[0]?.fields).toContain('TEL');
  ledger.waitingOnly = true;
  expect(ledger.shown).toHaveLength(ledger.waiting);
});

test('a folder of call logs is watched, seen, and watched no longer', async () => {
  const hub = mock({ contacts: 30 });
  const calls = new Calls(hub);
  await calls.load();
  const before = calls.watched ?? [];
  expect(before, 'asking which there are ends none').toHaveLength(1);
  expect(await calls.take('/home/mara/Mail', true)).toBe(true);
  expect(calls.watched).toEqual([...before, '/home/mara/Mail']);
  expect(calls.said).toBe('0 entries new, 33 known.');
  expect(await calls.take('/home/mara/calls.xml', true)).toBe(false);
  expect(calls.said).toContain('no folder');
  await calls.stop(before[0] ?? '');
  const again = new Calls(hub);
  await again.load();
  expect(again.watched).toEqual(['/home/mara/Mail']);
});
