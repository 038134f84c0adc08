/** Notifications: quiet hours, and whether this network costs by the megabyte. */
import { refusal, type Client, type Refusal } from '../api/client';
import type { Notify, NotifySet } from '../api/types';

export class Notices {
  /** Nothing before the first answer. */
  value = $state.raw<Notify>();
  error = $state.raw<Refusal>();
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  load(): Promise<void> {
    return this.#ask(() => this.#client.call('notify.show', {}));
  }

  set(change: NotifySet): Promise<void> {
    return this.#ask(() => this.#client.call('notify.set', change));
  }

  /** Quiet from one time of day to the other, as `22:00`; with one of them missing, never. */
  quiet(from: string, to: string): Promise<void> {
    return this.set({ quiet: from === '' || to === '' || from === to ? 'off' : `${from}-${to}` });
  }

  async #ask(work: () => Promise<Notify>): Promise<void> {
    try {
      this.value = await work();
      this.error = undefined;
    } catch (thrown) {
      this.error = refusal(thrown);
    }
  }
}
