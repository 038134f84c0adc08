/** What people sent that waits for an answer. */
import { refusal, type Client, type Refusal } from '../api/client';
import type { InboxUpdate } from '../api/types';

export class Updates {
  /** Nothing before the first answer. */
  list = $state.raw<InboxUpdate[]>();
  error = $state.raw<Refusal>();
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  async load(): Promise<void> {
    try {
      this.list = (await this.#client.call('inbox.list', {})).updates;
      this.error = undefined;
    } catch (thrown) {
      this.error = refusal(thrown);
    }
  }

  /** Takes an update into the contact: all of it, or these fields. */
  async accept(id: string, fields: string[] = []): Promise<void> {
    await this.#client.call('inbox.accept', { id, fields });
    await this.load();
  }

  async refuse(id: string): Promise<void> {
    await this.#client.call('inbox.refuse', { id });
    await this.load();
  }

  /** Takes back what was accepted: what stood before is shown again. */
  async undo(id: string): Promise<void> {
    await this.#client.call('inbox.undo', { id });
    await this.load();
  }
}
