/** Devices that go, and the recovery code, in the hub in memory. */
import type { Event, Device, DeviceRevoked, Named } from '../types';
import type { Handlers } from '../mock';
import { qr } from './qr';
import { refuse } from './refuse';

/** The code of the person in memory. */
export const RECOVERY_CODE = 'H7K2-9QWM-4TXD-P3VB-8RNC-6YFJ-2A0S';

interface Around {
  devices: Device[];
  me: () => Named;
  contacts: () => number;
  emit: (event: Event) => void;
}

type Removal = Pick<
  Handlers,
  'devices.revoke' | 'devices.lost' | 'recovery.check' | 'recovery.sheet' | 'recovery.open'
>;

export function removal({ devices, me, contacts, emit }: Around): { handlers: Removal; due: () => boolean } {
  let due = false;

  function check(code: string): void {
    const typed = code.replace(/[\s-]/g, '').toUpperCase();
    if (typed !== RECOVERY_CODE.replaceAll('-', ''))
      refuse('wrong_code', 'the recovery code has a typing mistake: compare it with the paper, group by group.');
  }

  function revoke(id: string, code: string | undefined): DeviceRevoked {
    if (code !== undefined) check(code);
    const at = devices.findIndex((device) => device.id === id && !device.this);
    const [gone] = at < 0 ? [] : devices.splice(at, 1);
    if (!gone) return refuse('not_found', 'There is no such device. See `devices list`.');
    due = code === undefined;
    emit({ kind: 'devices_changed' });
    return { device_id: gone.id, name: gone.name, removed: [], kept: [], recovery_due: due };
  }

  return {
    due: () => due,
    handlers: {
      'devices.revoke': ({ id, recovery_code }) => revoke(id, recovery_code),
      'devices.lost': ({ id, recovery_code }) => {
        const { last_seen, behind } = devices.find((device) => device.id === id) ?? { last_seen: null, behind: 0 };
        const revoked = revoke(id, recovery_code);
        const epoch = due
          ? 'The list of devices is still the old one. Enter the recovery code: `recovery open`.'
          : 'The list of devices is new: the lost one can add none to it.';
        return {
          ...revoked,
          renewed: [
            { what: 'lan', done: true, message: 'The secret by which your devices find each other is new.' },
            { what: 'epoch', done: !due, message: epoch },
          ],
          finder: {
            contacts: contacts(),
            as_of: last_seen,
            behind,
            keys: '',
            message: `Whoever has ${revoked.name} and gets past its lock can read the whole book: ${contacts()} contacts with all fields and notes.`,
          },
        };
      },
      'recovery.check': ({ code }) => (check(code), { person: me() }),
      'recovery.sheet': ({ code }) => {
        check(code);
        return { person: me(), groups: RECOVERY_CODE.split('-'), qr: qr(), date: new Date().toISOString() };
      },
      'recovery.open': ({ code }) => {
        check(code);
        due = false;
        emit({ kind: 'devices_changed' });
        return { epoch: 2, devices: devices.map(({ id, name }) => ({ id, name })) };
      },
    },
  };
}
