/** What the hub keeps for this device: whose region telephone numbers are from, and how the list is sorted. */
import { refusal, type Client, type Refusal } from '../api/client';
import type { Settings, SettingsSet } from '../api/types';

export class Rules {
  /** Nothing before the first answer. */
  value = $state.raw<Settings>();
  error = $state.raw<Refusal>();
  #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  async load(): Promise<void> {
    await this.#take(() => this.#client.call('settings.show', {}));
  }

  async set(wanted: SettingsSet): Promise<void> {
    await this.#take(() => this.#client.call('settings.set', wanted));
  }

  async #take(ask: () => Promise<Settings>): Promise<void> {
    try {
      this.value = await ask();
      this.error = undefined;
    } catch (thrown) {
      this.error = refusal(thrown);
    }
  }
}
