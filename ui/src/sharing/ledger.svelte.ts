/** Who has what of me: read from the hub, and cut to what waits if that is wanted. */
import { Reading } from '../api/reading.svelte';
import { holdersOf, type Holder } from './ledger';

export class Ledger extends Reading {
  /** Nothing before the first answer. */
  all = $state.raw<Holder[]>();
  /** Only what has not arrived is shown. */
  waitingOnly = $state(false);

  load(): Promise<void> {
    return this.read(async () => {
      const [{ deliveries }, { entries }, { links }] = await Promise.all([
        this.client.call('ledger', {}),
        this.client.call('safety', {}),
        this.client.call('link.list', {}),
      ]);
      this.all = holdersOf(deliveries, entries, links);
    });
  }

  get waiting(): number {
    return this.all?.reduce((sum, { sent }) => sum + sent.filter(({ waits }) => waits).length, 0) ?? 0;
  }

  get shown(): Holder[] {
    const all = this.all ?? [];
    return this.waitingOnly ? all.filter(({ sent }) => sent.some(({ waits }) => waits)) : all;
  }
}
