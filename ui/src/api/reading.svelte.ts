/** What a part of the window reads from the hub: the newest answer stays, beside why a newer one could not be had. */
import { refusal, type Client, type Refusal } from './client';

export abstract class Reading<C = Client> {
  error = $state.raw<Refusal>();
  protected readonly client: C;

  constructor(client: C) {
    this.client = client;
  }

  /** Asks the hub and takes in what it answers. What goes wrong is kept instead of thrown. */
  protected async read(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.error = undefined;
    } catch (thrown) {
      this.error = refusal(thrown);
    }
  }
}
