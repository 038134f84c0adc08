/** The person's devices, and the two halves of adding one: the code that is open, the devices that wait for a yes. */
import { Reading } from '../api/reading.svelte';
import type { Device, Finding, PairCode, PendingDevice } from '../api/types';

export class Devices extends Reading {
  list = $state.raw<Device[]>();
  /** A device was removed, and the recovery code is still to be entered. */
  recoveryDue = $state(false);
  /** The code that is open, if pairing is open. */
  code = $state.raw<PairCode>();
  pending = $state.raw<PendingDevice[]>([]);
  /** Seconds until the code is over. */
  left = $state(0);
  opening = $state(false);
  /** What is in the way of devices that are away, as far as it was asked. */
  findings = $state.raw<Finding[]>([]);
  examining = $state(false);
  #ends = 0;
  #ticker: ReturnType<typeof setInterval> | undefined;
  #sequence = 0;

  load(): Promise<void> {
    return this.read(async () => {
      const { devices, recovery_due } = await this.client.call('devices.list', {});
      this.list = devices;
      this.recoveryDue = recovery_due;
    });
  }

  /** Asks why devices are away. */
  async examine(): Promise<void> {
    if (this.examining) return;
    this.examining = true;
    try {
      this.findings = (await this.client.call('doctor', {})).findings;
    } catch {
      // The list itself says what is wrong with the hub.
      this.findings = [];
    } finally {
      this.examining = false;
    }
  }

  /** Reads who waits and which code is open. */
  async loadPending(): Promise<void> {
    const sequence = ++this.#sequence;
    try {
      const { pending, open } = await this.client.call('pair.pending', {});
      if (sequence !== this.#sequence) return;
      this.pending = pending;
      this.#open(open);
    } catch {
      // Nobody asked to see this; the next event brings it again.
    }
  }

  /** Shows a code for a new device, the open one if there is one. */
  async show(): Promise<void> {
    if (this.opening) return;
    this.opening = true;
    try {
      const code = await this.client.call('pair.show', {});
      this.#sequence += 1;
      this.#open(code);
    } finally {
      this.opening = false;
    }
  }

  async close(): Promise<void> {
    await this.client.call('pair.close', {});
    this.#open(undefined);
  }

  /** A device asks to be let in; its words come with the event. */
  asked(device: PendingDevice): void {
    this.pending = [...this.pending.filter(({ id }) => id !== device.id), device];
  }

  async approve(id: string): Promise<void> {
    await this.client.call('pair.approve', { id });
    this.pending = this.pending.filter((device) => device.id !== id);
    await Promise.all([this.load(), this.loadPending()]);
  }

  async refuse(id: string): Promise<void> {
    await this.client.call('pair.refuse', { id });
    this.pending = this.pending.filter((device) => device.id !== id);
    await this.loadPending();
  }

  #open(code: PairCode | undefined): void {
    clearInterval(this.#ticker);
    this.code = code;
    if (!code) return;
    this.#ends = Date.now() + code.seconds_left * 1000;
    const count = () => {
      this.left = Math.max(0, Math.ceil((this.#ends - Date.now()) / 1000));
      if (this.left === 0) clearInterval(this.#ticker);
    };
    count();
    this.#ticker = setInterval(count, 1000);
  }
}
