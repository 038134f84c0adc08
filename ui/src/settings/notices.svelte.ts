/** Notifications: quiet hours, and whether this network costs by the megabyte. */
import { Reading } from '../api/reading.svelte';
import type { Notify, NotifySet } from '../api/types';

export class Notices extends Reading {
  /** Nothing before the first answer. */
  value = $state.raw<Notify>();

  load(): Promise<void> {
    return this.read(async () => void (this.value = await this.client.call('notify.show', {})));
  }

  set(change: NotifySet): Promise<void> {
    return this.read(async () => void (this.value = await this.client.call('notify.set', change)));
  }

  /** Quiet from one time of day to the other, as `22:00`; with one of them missing, never. */
  quiet(from: string, to: string): Promise<void> {
    return this.set({ quiet: from === '' || to === '' || from === to ? 'off' : `${from}-${to}` });
  }
}
