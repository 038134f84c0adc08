/** Bringing a backup back into a book in use: what it would do first, then one thing that can be taken back. */
import { refusal, type Client, type Refusal } from '../api/client';
import type { Generation, Restored } from '../api/types';

export class Restoring {
  readonly from: Generation;
  code = $state('');
  /** What came since goes too, contacts into the trash. */
  exact = $state(false);
  /** What it would do. */
  preview = $state.raw<Restored>();
  busy = $state(false);
  error = $state.raw<Refusal>();
  #client: Client;

  constructor(client: Client, from: Generation) {
    this.#client = client;
    this.from = from;
  }

  /** Looks at what would come back. */
  async look(): Promise<void> {
    this.preview = await this.#ask(true);
  }

  /** Brings it back: all of it, or one contact. */
  run(contact?: string): Promise<Restored | undefined> {
    return this.#ask(false, contact);
  }

  /** The code is forgotten with the sheet. */
  forget(): void {
    this.code = '';
  }

  async #ask(preview: boolean, contact?: string): Promise<Restored | undefined> {
    this.busy = true;
    this.error = undefined;
    try {
      return await this.#client.call('restore', {
        from: this.from.path,
        recovery_code: this.code.trim(),
        preview,
        exact: this.exact && contact === undefined,
        ...(contact !== undefined && { contact }),
      });
    } catch (thrown) {
      this.error = refusal(thrown);
      return undefined;
    } finally {
      this.busy = false;
    }
  }
}

/** What a backup brought back, in a few words. */
export function restoredText({ added, changed, removed, held }: Restored): string {
  const parts = [
    added > 0 && `${added} back in your book`,
    changed > 0 && `${changed} as they were`,
    removed > 0 && `${removed} moved to the trash`,
  ].filter(Boolean);
  const sum = parts.length === 0 ? 'Nothing was missing' : parts.join(', ');
  return held === undefined ? sum : `${sum}. What came since waits in your inbox`;
}
