/** Deletions that wait for a person: too many at once, or a source that has lost most of its contacts. */
import { Reading } from '../api/reading.svelte';
import type { Held } from '../api/types';
import type { Applied } from './words';

export class HeldDeletions extends Reading {
  /** Nothing before the first answer. */
  list = $state.raw<Held[]>();

  load(): Promise<void> {
    return this.read(async () => {
      this.list = (await this.client.call('held.list', {})).held;
    });
  }

  of(id: string): Held | undefined {
    return this.list?.find((held) => held.id === id);
  }

  /** Carries the deletion out; answers what became of it. */
  async apply(id: string): Promise<Applied> {
    const applied = await this.client.call('held.apply', { id });
    this.#forget(id);
    return applied;
  }

  /** Keeps the contacts. */
  async discard(id: string): Promise<void> {
    await this.client.call('held.discard', { id });
    this.#forget(id);
  }

  #forget(id: string): void {
    this.list = this.list?.filter((held) => held.id !== id);
  }
}
