/** How the app behaves on this computer. The shell keeps it; the hub knows nothing of it. */
import type { Habits as Choice, HabitsClient } from '../api/client';
import { Reading } from '../api/reading.svelte';

export class Habits extends Reading<HabitsClient> {
  /** Nothing before the first answer. */
  value = $state.raw<Choice>();

  load(): Promise<void> {
    return this.read(async () => void (this.value = await this.client.look()));
  }

  async choose(wanted: Partial<Choice>): Promise<void> {
    const { value } = this;
    if (value) await this.read(async () => void (this.value = await this.client.choose({ ...value, ...wanted })));
  }
}
