/** Removing a device: asked, done, and what is still open then. */
import { refusal, type Client, type Refusal } from '../api/client';
import type { Device, DeviceLost, DeviceRevoked } from '../api/types';

export class Removing {
  readonly device: Device;
  readonly lost: boolean;
  code = $state('');
  busy = $state(false);
  error = $state.raw<Refusal>();
  revoked = $state.raw<DeviceRevoked>();
  /** What its finder can read, and what was renewed. */
  report = $state.raw<DeviceLost>();
  #client: Client;

  constructor(client: Client, device: Device, lost: boolean) {
    this.#client = client;
    this.device = device;
    this.lost = lost;
  }

  /** Removes it; with a code, the next epoch is opened as well. Says whether it is removed. */
  async run(): Promise<boolean> {
    this.busy = true;
    this.error = undefined;
    const code = this.code.trim();
    const request = { id: this.device.id, with_added: false, ...(code !== '' && { recovery_code: code }) };
    try {
      if (this.lost) this.revoked = this.report = await this.#client.call('devices.lost', request);
      else this.revoked = await this.#client.call('devices.revoke', request);
      this.code = '';
      return true;
    } catch (thrown) {
      this.error = refusal(thrown);
      return false;
    } finally {
      this.busy = false;
    }
  }
}
