/** Who and what can see or change my things, in kinds. */
import { refusal, type Client, type Refusal } from '../api/client';
import type { SafetyEntry } from '../api/types';

/** Entries of one kind. */
export interface Kind {
  kind: string;
  entries: SafetyEntry[];
}

export class SafetyList {
  /** Nothing before the first answer. */
  all = $state.raw<SafetyEntry[]>();
  error = $state.raw<Refusal>();
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  async load(): Promise<void> {
    try {
      this.all = (await this.#client.call('safety', {})).entries;
      this.error = undefined;
    } catch (thrown) {
      this.error = refusal(thrown);
    }
  }

  /** The entries by kind, in the order in which the hub names kinds. */
  get kinds(): Kind[] {
    const all = this.all ?? [];
    return [...new Set(all.map(({ kind }) => kind))].map((kind) => ({ kind, entries: all.filter((one) => one.kind === kind) }));
  }
}
