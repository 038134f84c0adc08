/** What can be done with my own devices: letting one in, removing one, and what the recovery code is for. */
import type { Device } from './api/types';
import type { App } from './app.svelte';
import { Removing } from './devices/removing.svelte';

export class Own {
  readonly #app: App;

  constructor(app: App) {
    this.#app = app;
  }

  async pair(): Promise<void> {
    if (await this.#app.turn('devices')) await this.#app.act(() => this.#app.devices.show());
  }

  closePairing(): Promise<boolean> {
    return this.#app.act(() => this.#app.devices.close());
  }

  async approve(id: string): Promise<void> {
    const name = this.#app.devices.pending.find((device) => device.id === id)?.name ?? 'The device';
    await this.#app.act(async () => {
      await this.#app.devices.approve(id);
      this.#app.toasts.say(`${name} is let in. Your book goes there now.`);
    });
  }

  async refuse(id: string): Promise<void> {
    await this.#app.act(() => this.#app.devices.refuse(id));
  }

  /** Asks whether a device is to be removed. */
  askRemoval(device: Device, lost: boolean): void {
    this.#app.removing = new Removing(this.#app.client, device, lost);
  }

  async removeDevice(): Promise<void> {
    if (!(await this.#app.removing?.run())) return;
    await this.#app.devices.load();
    this.#app.changed();
  }

  /** Begins a new list of devices by the recovery code. Rejects with what is wrong with it. */
  async openList(code: string): Promise<void> {
    const { devices } = await this.#app.client.call('recovery.open', { code, with: [] });
    this.#app.recovering = undefined;
    this.#app.toasts.say(`Done. Your devices are ${devices.map(({ name }) => name).join(', ')}.`);
    await this.#app.devices.load();
    this.#app.changed();
  }

  /** Sees whether a code is right, and shows the sheet to print. Rejects with what is wrong with it. */
  async checkCode(code: string): Promise<void> {
    this.#app.paper = await this.#app.client.call('recovery.sheet', { code });
    this.#app.recovering = undefined;
  }
}
