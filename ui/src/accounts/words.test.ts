import { expect, test } from 'vitest';
import type { Account, AccountSynced } from '../api/types';
import { markOf, stateText, syncedText } from './words';

const now = new Date('2026-11-21T12:00:00');
const account: Account = { id: 'a', kind: 'file', name: 'Phone', path: '/p', state: 'ready', message: '', last_sync: '2026-11-21T10:42:00', contacts: 150 };
const synced: AccountSynced = { id: 'a', added: 0, updated: 0, unchanged: 3, removed: 0, failed: [] };

test('an account says what it knows and when it was read', () => {
  expect(stateText(account, now)).toBe('150 contacts, read 10:42');
  expect(stateText({ ...account, contacts: 1, last_sync: null }, now)).toBe('1 contact, never read');
});

test('an account that failed says why, and one elsewhere says where', () => {
  expect(stateText({ ...account, state: 'failed', message: 'The file is gone.' }, now)).toBe('The file is gone.');
  expect(stateText({ ...account, state: 'elsewhere' }, now)).toContain('another of your devices');
  expect(['ready', 'held', 'failed', 'elsewhere'].map((state) => markOf({ ...account, state }))).toEqual(['near', 'ask', 'stop', 'away']);
});

test('a reading is told in one line', () => {
  expect(syncedText(synced)).toBe('Nothing new');
  const failed = [{ file: 'x', line: 1, reason: 'y' }];
  expect(syncedText({ ...synced, added: 2, updated: 1, removed: 3, failed })).toBe('2 new, 1 updated, 3 gone from it, 1 card with mistakes');
  expect(syncedText({ ...synced, held: 'h' })).toContain('waits in your inbox');
});
