/** What is said about sharing my card and my other items. */
import { Reading } from '../api/reading.svelte';
import type { Items, MyCard } from '../api/types';
import { base64 } from '../shared/base64';

export class Mine extends Reading {
  /** Nothing before the first answer. */
  card = $state.raw<MyCard>();
  items = $state.raw<Items>();

  load(): Promise<void> {
    return this.read(async () => {
      [this.card, this.items] = await Promise.all([this.client.call('me.show', { history: false }), this.client.call('items.list', {})]);
    });
  }

  /** Says who may see a property: `everyone`, `nobody`, or any of `group:G`, `tag:T`, `contact:C`. */
  async show(property_id: string, who: string[]): Promise<void> {
    this.card = await this.client.call('me.visible', { property_id, who });
  }

  /** Says from which day on a property holds; empty: as long as it is there. */
  async from(property_id: string, date: string): Promise<void> {
    this.card = await this.client.call('me.from', { property_id, date });
  }

  /** Takes a property back, with what it was before. */
  async withdraw(property_id: string): Promise<void> {
    this.card = await this.client.call('me.withdraw', { property_id });
  }

  /** Sends nothing by itself any more. */
  async stop(): Promise<void> {
    await this.client.call('update.keep', {});
    await this.load();
  }

  async leave(when: string): Promise<void> {
    await this.client.call('update.when', { when });
    await this.load();
  }

  async add(name: string, file: File): Promise<void> {
    if (file.size > ITEM_BYTES_MAX) throw { code: 'too_large', message: `“${file.name}” is too large: an item is made of at most 20 MiB.` };
    await this.client.call('items.add', { name, path: file.name, content: await base64(file) });
    await this.load();
  }

  async remove(id: string): Promise<void> {
    await this.client.call('items.remove', { id });
    await this.load();
  }
}

/** As the hub has it. */
const ITEM_BYTES_MAX = 20 * 1024 * 1024;
