/** Who has what of me: read from the hub, and cut to what waits if that is wanted. */
import { refusal, type Client, type Refusal } from '../api/client';
import { holdersOf, type Holder } from './ledger';

export class Ledger {
  /** Nothing before the first answer. */
  all = $state.raw<Holder[]>();
  error = $state.raw<Refusal>();
  /** Only what has not arrived is shown. */
  waitingOnly = $state(false);
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  async load(): Promise<void> {
    try {
      const [{ deliveries }, { entries }, { links }] = await Promise.all([
        this.#client.call('ledger', {}),
        this.#client.call('safety', {}),
        this.#client.call('link.list', {}),
      ]);
      this.all = holdersOf(deliveries, entries, links);
      this.error = undefined;
    } catch (thrown) {
      this.error = refusal(thrown);
    }
  }

  get waiting(): number {
    return this.all?.reduce((sum, { sent }) => sum + sent.filter(({ waits }) => waits).length, 0) ?? 0;
  }

  get shown(): Holder[] {
    const all = this.all ?? [];
    return this.waitingOnly ? all.filter(({ sent }) => sent.some(({ waits }) => waits)) : all;
  }
}
