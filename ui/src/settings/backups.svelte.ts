/** The backups of this device: what is set, what there is, and whether it can be restored. */
import { Reading } from '../api/reading.svelte';
import type { BackupDrilled, BackupPlan, Generation } from '../api/types';

export class Backups extends Reading {
  /** Nothing before the first answer. */
  plan = $state.raw<BackupPlan>();
  /** Newest first; undefined while their folder cannot be read. */
  generations = $state.raw<Generation[]>();
  drilled = $state.raw<BackupDrilled>();
  busy = $state(false);

  async load(): Promise<void> {
    await this.#ask(async () => {
      this.plan = await this.client.call('backup.check', {});
      await this.#list();
    });
  }

  /** Sets how often and where; the hub makes the first one at once. */
  async set(every: string, folder: string): Promise<void> {
    await this.#ask(async () => {
      const to = folder.trim() === '' ? {} : { to: folder.trim() };
      this.plan = await this.client.call('backup.every', { every, ...to });
      await this.#list();
    });
  }

  async now(): Promise<void> {
    await this.#ask(async () => {
      await this.client.call('backup.now', {});
      this.plan = await this.client.call('backup.check', {});
      await this.#list();
    });
  }

  /** Proves that the newest can be restored. The code is handed on and kept nowhere. */
  async drill(code: string): Promise<void> {
    this.drilled = undefined;
    await this.#ask(async () => {
      this.drilled = await this.client.call('backup.drill', { recovery_code: code });
    });
  }

  async #list(): Promise<void> {
    if (this.plan?.folder === '') return;
    try {
      this.generations = (await this.client.call('backup.list', {})).generations;
    } catch {
      // The stick may be away; the plan says what the trouble is.
      this.generations = undefined;
    }
  }

  async #ask(act: () => Promise<void>): Promise<void> {
    this.busy = true;
    await this.read(act);
    this.busy = false;
  }
}
