/** Two contacts beside each other: what merging them would come to, and what the person chose otherwise. */
import { SvelteMap } from 'svelte/reactivity';
import { refusal, type Client, type Refusal } from '../api/client';
import type { Merged, Named } from '../api/types';
import { choicesOf, leftOut, type Keep } from './choices';

export class Comparison {
  readonly a: Named;
  readonly b: Named;
  result = $state.raw<Merged>();
  error = $state.raw<Refusal>();
  busy = $state(false);
  readonly chosen = new SvelteMap<string, Keep>();
  #client: Client;

  constructor(client: Client, a: Named, b: Named) {
    this.#client = client;
    this.a = a;
    this.b = b;
  }

  /** Asks what would happen; changes nothing. */
  async load(): Promise<void> {
    this.error = undefined;
    try {
      this.result = await this.#merge(true);
    } catch (thrown) {
      this.error = refusal(thrown);
    }
  }

  /** What is kept of a field. */
  keep(field: string): Keep {
    const shown = this.result?.fields.find((one) => one.field === field)?.keep;
    return this.chosen.get(field) ?? (shown === 'b' || shown === 'both' ? shown : 'a');
  }

  choose(field: string, keep: Keep): void {
    this.chosen.set(field, keep);
  }

  /** Values that would no longer be shown. */
  get leftOut(): number {
    return leftOut(this.result?.fields ?? [], this.chosen);
  }

  /** Makes one of two; answers the contact that stays, or nothing if that failed. */
  async merge(): Promise<string | undefined> {
    this.busy = true;
    this.error = undefined;
    try {
      return (await this.#merge(false)).id;
    } catch (thrown) {
      this.error = refusal(thrown);
      return undefined;
    } finally {
      this.busy = false;
    }
  }

  #merge(dryRun: boolean): Promise<Merged> {
    const choices = choicesOf(this.result?.fields ?? [], this.chosen);
    return this.#client.call('contacts.merge', { a: this.a.id, b: this.b.id, choices, dry_run: dryRun });
  }
}
