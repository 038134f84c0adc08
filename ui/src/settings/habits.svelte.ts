/** How the app behaves on this computer. The shell keeps it; the hub knows nothing of it. */
import { refusal, type Habits as Choice, type HabitsClient, type Refusal } from '../api/client';

export class Habits {
  /** Nothing before the first answer. */
  value = $state.raw<Choice>();
  error = $state.raw<Refusal>();
  #client: HabitsClient;

  constructor(client: HabitsClient) {
    this.#client = client;
  }

  async load(): Promise<void> {
    await this.#take(() => this.#client.look());
  }

  async choose(wanted: Partial<Choice>): Promise<void> {
    const { value } = this;
    if (value) await this.#take(() => this.#client.choose({ ...value, ...wanted }));
  }

  async #take(ask: () => Promise<Choice>): Promise<void> {
    try {
      this.value = await ask();
      this.error = undefined;
    } catch (thrown) {
      this.error = refusal(thrown);
    }
  }
}
