/** Who and what can see or change my things, in kinds. */
import { Reading } from '../api/reading.svelte';
import type { SafetyEntry } from '../api/types';

/** Entries of one kind. */
export interface Kind {
  kind: string;
  entries: SafetyEntry[];
}

export class SafetyList extends Reading {
  /** Nothing before the first answer. */
  all = $state.raw<SafetyEntry[]>();

  load(): Promise<void> {
    return this.read(async () => {
      this.all = (await this.client.call('safety', {})).entries;
    });
  }

  /** The entries by kind, in the order in which the hub names kinds. */
  get kinds(): Kind[] {
    const all = this.all ?? [];
    return [...new Set(all.map(({ kind }) => kind))].map((kind) => ({ kind, entries: all.filter((one) => one.kind === kind) }));
  }
}
