/** What people sent: what waits for an answer, what was put off, and what was settled and can be taken back. */
import { Reading } from '../api/reading.svelte';
import type { Decided, InboxUpdate, SettledUpdate } from '../api/types';

export class Updates extends Reading {
  /** All that is open, put off or not. Nothing before the first answer. */
  list = $state.raw<InboxUpdate[]>();
  settled = $state.raw<SettledUpdate[]>([]);
  /** The update that the keys answer. */
  #current = $state<string>();

  load(): Promise<void> {
    return this.read(async () => {
      const { updates, settled } = await this.client.call('inbox.list', {});
      this.list = updates;
      this.settled = settled;
    });
  }

  /** What waits for an answer now. */
  get waiting(): InboxUpdate[] {
    return this.list?.filter(({ state }) => state === 'waiting') ?? [];
  }

  /** What comes back by itself. */
  get later(): InboxUpdate[] {
    return this.list?.filter(({ state }) => state !== 'waiting') ?? [];
  }

  /** The update that the keys answer: the one that was chosen, else the newest. */
  get current(): InboxUpdate | undefined {
    return this.waiting.find(({ id }) => id === this.#current) ?? this.waiting[0];
  }

  /** Goes on to the next one, or back; answers its id. */
  move(by: number): string | undefined {
    const { waiting, current } = this;
    const at = waiting.findIndex(({ id }) => id === current?.id);
    this.#current = waiting[Math.min(Math.max(at + by, 0), waiting.length - 1)]?.id;
    return this.#current;
  }

  /** Takes an update into the contact: all of it, or these fields. */
  accept(id: string, fields: string[] = []): Promise<Decided> {
    return this.#decide(() => this.client.call('inbox.accept', { id, fields }));
  }

  /** Takes several, or these fields of each. */
  async acceptAll(several: { id: string; fields: string[] }[]): Promise<void> {
    try {
      for (const { id, fields } of several) await this.client.call('inbox.accept', { id, fields });
    } finally {
      await this.load();
    }
  }

  /** Puts an update off; it comes back by itself. */
  putOff(id: string, wait: string): Promise<Decided> {
    return this.#decide(() => this.client.call('inbox.later', { id, for: wait }));
  }

  refuse(id: string): Promise<Decided> {
    return this.#decide(() => this.client.call('inbox.refuse', { id }));
  }

  /** Takes back what was accepted: what stood before is shown again. */
  undo(id: string): Promise<Decided> {
    return this.#decide(() => this.client.call('inbox.undo', { id }));
  }

  async #decide(work: () => Promise<Decided>): Promise<Decided> {
    const decided = await work();
    await this.load();
    return decided;
  }
}
