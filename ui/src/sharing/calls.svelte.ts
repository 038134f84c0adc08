/** Call logs, messages and mails: the folders that are read again whenever they change, and reading one by hand. */
import { refusal } from '../api/client';
import { Reading } from '../api/reading.svelte';
import { plural } from '../shared/format';

export class Calls extends Reading {
  /** The folders that this device reads by itself. Nothing before the first answer. */
  watched = $state.raw<string[]>();
  busy = $state(false);
  /** What the last reading found, or what was wrong. */
  said = $state('');

  load(): Promise<void> {
    return this.read(async () => {
      this.watched = (await this.client.call('interactions.watch', { off: false })).paths;
    });
  }

  /** Reads a file or folder, a folder once or whenever it changes; answers whether it could be read. */
  async take(path: string, always: boolean): Promise<boolean> {
    this.busy = true;
    try {
      const found = always ? await this.#watch(path) : await this.client.call('interactions.import', { paths: [path] });
      const rest = found.unreadable > 0 ? `, ${found.unreadable} not readable` : '';
      this.said = `${plural(found.added, 'entry', 'entries')} new, ${found.known} known${rest}.`;
      return true;
    } catch (thrown) {
      this.said = refusal(thrown).message;
      return false;
    } finally {
      this.busy = false;
    }
  }

  /** No longer reads a folder by itself. What was counted stays. */
  async stop(path: string): Promise<void> {
    this.watched = (await this.client.call('interactions.watch', { path, off: true })).paths;
  }

  async #watch(path: string) {
    const { paths, imported } = await this.client.call('interactions.watch', { path, off: false });
    this.watched = paths;
    return imported ?? NOTHING;
  }
}

const NOTHING = { added: 0, known: 0, unreadable: 0 };
