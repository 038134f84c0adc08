/** The accounts: other programs' files of cards, which are read and never written. */
import { SvelteSet } from 'svelte/reactivity';
import { Reading } from '../api/reading.svelte';
import type { Account, AccountSynced } from '../api/types';

export class Accounts extends Reading {
  /** Nothing before the first answer. */
  list = $state.raw<Account[]>();
  /** The accounts that are being read, and `add` while one is being added. */
  readonly busy = new SvelteSet<string>();
  /** What the last reading of an account came to. */
  last = $state.raw<AccountSynced>();

  load(): Promise<void> {
    return this.read(async () => {
      this.list = (await this.client.call('accounts.list', {})).accounts;
    });
  }

  add(path: string, name: string): Promise<AccountSynced> {
    return this.#while('add', async () => {
      const request = { kind: 'file', path, ...(name !== '' && { name }) };
      return (this.last = await this.client.call('accounts.add', request));
    });
  }

  sync(id: string): Promise<AccountSynced> {
    return this.#while(id, async () => (this.last = await this.client.call('accounts.sync', { id })));
  }

  remove(id: string): Promise<number> {
    return this.#while(id, async () => (await this.client.call('accounts.remove', { id })).count);
  }

  async #while<T>(what: string, work: () => Promise<T>): Promise<T> {
    this.busy.add(what);
    try {
      return await work();
    } finally {
      this.busy.delete(what);
      await this.load();
    }
  }
}
