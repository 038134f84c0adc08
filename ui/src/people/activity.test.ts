import { expect, test } from 'vitest';
import { mock } from '../api/mock';
import { SafetyList } from '../safety/safety.svelte';
import { remedyOf, titleOf } from '../safety/words';
import { daysOf, saidOf } from './activity';
import { ActivityLog } from './activity.svelte';

test('what others changed stands under its day', async () => {
  const now = new Date(2026, 10, 22, 12, 0);
  const at = (day: number, hour: number) => ({ time: new Date(2026, 10, day, hour).toISOString(), name: 'Bob', text: 'TEL: 1' });
  expect(daysOf([at(22, 9), at(22, 8), at(21, 23), at(2, 1)], now).map(({ text, entries }) => [text, entries.length])).toEqual([
    ['Today', 2],
    ['Saturday', 1],
    ['2 November', 1],
  ]);
  expect(saidOf('TEL: 2 instead of 1')).toEqual({ field: 'TEL', text: '2 instead of 1' });
  expect(saidOf('ended the link')).toEqual({ text: 'ended the link' });
  const log = new ActivityLog(mock({ contacts: 30 }));
  await log.load();
  expect(log.days.length).toBeGreaterThan(1);
  expect(log.hasMore).toBe(false);
});

test('whoever can see or change something stands on the safety page, with what ends it', async () => {
  const safety = new SafetyList(mock({ contacts: 30 }));
  await safety.load();
  expect(safety.kinds.map(({ kind }) => kind)).toEqual(['device', 'person']);
  const [person] = safety.kinds[1]?.entries ?? [];
  expect(person && remedyOf(person)?.yes).toBe('End it');
  expect(person && remedyOf({ ...person, remedy: '' })).toBeUndefined();
  expect(titleOf('something newer').title).toBe('something newer');
});
