/** The accounts of the hub in memory: files that another program writes. */
import type { Account, AccountSynced } from '../types';
import { freshId } from './book';

const HOUR_MS = 3_600_000;

export class Accounts {
  list: Account[] = [
    account('Phone export', '/home/mara/Sync/phone', 150, { state: 'held', message: '120 of its contacts are gone. Nothing was removed; it waits in your inbox.' }),
    account('Choir list', '/home/mara/choir.vcf', 24),
    account('Old server', '/mnt/server/contacts.vcf', 0, { state: 'failed', message: 'The file is not there. Is the disk connected?', last_sync: null }),
    account('Studio', '', 12, { state: 'elsewhere' }),
  ];

  add(path: string, name?: string): AccountSynced {
    const fresh = account(name || (path.split('/').pop() ?? path), path, 3);
    this.list = [...this.list, fresh];
    return synced(fresh.id, 3);
  }

  sync(id: string): AccountSynced {
    this.list = this.list.map((one) => (one.id === id ? { ...one, last_sync: new Date().toISOString() } : one));
    return synced(id, 0);
  }

  /** Answers how many contacts it said something about. */
  remove(id: string): number {
    const found = this.list.find((one) => one.id === id);
    this.list = this.list.filter((one) => one.id !== id);
    return found?.contacts ?? 0;
  }
}

function account(name: string, path: string, contacts: number, more: Partial<Account> = {}): Account {
  const last_sync = new Date(Date.now() - HOUR_MS).toISOString();
  return { id: freshId(), kind: 'file', name, path, state: 'ready', message: '', last_sync, contacts, ...more };
}

const synced = (id: string, added: number): AccountSynced => ({ id, added, updated: 0, unchanged: 12, removed: 0, failed: [] });
