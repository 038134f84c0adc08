/** What the hub keeps for this device: whose region telephone numbers are from, and how the list is sorted. */
import { Reading } from '../api/reading.svelte';
import type { Settings, SettingsSet } from '../api/types';

export class Rules extends Reading {
  /** Nothing before the first answer. */
  value = $state.raw<Settings>();

  load(): Promise<void> {
    return this.read(async () => void (this.value = await this.client.call('settings.show', {})));
  }

  set(wanted: SettingsSet): Promise<void> {
    return this.read(async () => void (this.value = await this.client.call('settings.set', wanted)));
  }
}
