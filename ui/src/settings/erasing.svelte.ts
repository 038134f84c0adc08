/** Erasing this device: what is known of the others, what the person says, and what came of it. */
import { refusal, type Client, type Refusal } from '../api/client';
import type { Status } from '../api/types';

export class Erasing {
  readonly status: Status;
  /** A last backup goes into this folder. */
  folder = $state('');
  /** The person wants none. */
  without = $state(false);
  /** What they typed as this device's name. */
  typed = $state('');
  busy = $state(false);
  error = $state.raw<Refusal>();
  #client: Client;

  constructor(client: Client, status: Status, folder: string) {
    this.#client = client;
    this.status = status;
    this.folder = folder;
  }

  /** Devices that hold the whole book, as far as this one knows. */
  get complete(): string[] {
    return this.status.peers.filter(({ behind }) => behind === 0).map(({ name }) => name);
  }

  /** Whether it is meant, and said what becomes of the book. */
  get ready(): boolean {
    return this.typed.trim() === this.status.device.name && (this.without || this.folder.trim() !== '') && !this.busy;
  }

  /** Erases. The hub tells when it is done, and the window begins anew. */
  async run(): Promise<void> {
    this.busy = true;
    this.error = undefined;
    const last = this.without ? { without_backup: true } : { without_backup: false, backup_to: this.folder.trim() };
    try {
      await this.#client.call('erase', { device: this.typed.trim(), ...last });
    } catch (thrown) {
      this.error = refusal(thrown);
    } finally {
      this.busy = false;
    }
  }
}
