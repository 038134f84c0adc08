/** The words and marks for the state of an account. */
import type { Account, AccountSynced } from '../api/types';
import { plural, when } from '../shared/format';

/** The mark's shape: full, waiting, refused, hollow. */
export function markOf({ state }: Account): 'near' | 'ask' | 'stop' | 'away' {
  if (state === 'ready') return 'near';
  if (state === 'held') return 'ask';
  return state === 'failed' ? 'stop' : 'away';
}

/** What an account states and when it was read. */
export function stateText({ state, contacts, last_sync, message }: Account, now = new Date()): string {
  if (state === 'elsewhere') return `${plural(contacts, 'contact')}, read on another of your devices`;
  const read = last_sync === null ? 'never read' : `read ${when(last_sync, now)}`;
  return message === '' ? `${plural(contacts, 'contact')}, ${read}` : message;
}

/** What a reading came to. */
export function syncedText({ added, updated, removed, failed, held }: AccountSynced): string {
  const parts = [
    added > 0 && `${added} new`,
    updated > 0 && `${updated} updated`,
    removed > 0 && `${removed} gone from it`,
    failed.length > 0 && `${plural(failed.length, 'card')} with mistakes`,
  ].filter(Boolean);
  const sum = parts.length === 0 ? 'Nothing new' : parts.join(', ');
  return held === undefined ? sum : `${sum}. What it no longer has waits in your inbox`;
}
