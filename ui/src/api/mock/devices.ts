/** Own devices of the hub in memory: letting one in by a code, and which there are. */
import type { Handlers } from '../mock';
import type { Device, Event, PairCode, PendingDevice } from '../types';
import { freshId } from './book';
import { pause } from './pause';
import { qr } from './qr';
import { refuse } from './refuse';

type Some = `pair.${'show' | 'close' | 'enter' | 'pending' | 'approve' | 'refuse'}` | 'devices.copies' | 'devices.list' | 'doctor';

interface Scene {
  devices: Device[];
  /** How many contacts a device that is let in lacks at first. */
  contacts: number;
  emit: (event: Event) => void;
  /** This device is let into somebody's book, under this name. */
  joined: (name: string) => ReturnType<Handlers['pair.enter']>;
  recoveryDue: () => boolean;
}

const WORDS = 'lantern otter birch';
const CODE = '48291375';

export const newPhone = (): PendingDevice => ({ id: 'newphone', name: 'New phone', platform: 'Android', words: WORDS });

export function device(name: string, path: string, behind: number, platform: string, self = false): Device {
  const seen = path === 'none' ? new Date(Date.now() - 5 * 86_400_000).toISOString() : new Date().toISOString();
  return { id: freshId(), name, last_seen: self ? null : seen, version: '', platform, this: self, path, behind };
}

export function owned({ devices, contacts, emit, joined, recoveryDue }: Scene): { handlers: Pick<Handlers, Some>; asked: (device: PendingDevice) => void } {
  let open: { code: PairCode; ends: number } | undefined;
  let pending: PendingDevice[] = [];
  const shown = (now: { code: PairCode; ends: number }): PairCode => ({ ...now.code, seconds_left: (now.ends - Date.now()) / 1000 });

  const handlers: Pick<Handlers, Some> = {
    'pair.show': () => {
      if (!open || open.ends < Date.now()) {
        open = {
          ends: Date.now() + 600_000,
          code: {
            code: CODE,
            link: `kith://pair/${CODE}?at=192.168.1.20:4820&s=Zm9vYmFyYmF6`,
            qr: qr(),
            seconds_left: 600,
            tries_left: 3,
          },
        };
      }
      return shown(open);
    },
    'pair.close': () => ((open = undefined), emit({ kind: 'pair_changed' }), {}),
    'pair.enter': async ({ code, name }) => {
      await pause(700);
      if (code !== CODE && !code.startsWith('kith:'))
        refuse('wrong_code', 'This code is wrong. Two tries are left; look at the other device again.');
      emit({ kind: 'pair_words', words: WORDS });
      await pause(3_000);
      return joined(name);
    },
    'pair.pending': () => ({
      pending,
      ...(open && { open: shown(open) }),
    }),
    'pair.approve': ({ id }) => {
      const asked = pending.find((other) => other.id === id) ?? refuse('not_found', 'It no longer asks.');
      pending = pending.filter((other) => other.id !== id);
      devices.push(device(asked.name, 'lan', contacts, asked.platform));
      open = undefined;
      emit({ kind: 'pair_changed' });
      emit({ kind: 'devices_changed' });
      return {};
    },
    'pair.refuse': ({ id }) => {
      pending = pending.filter((other) => other.id !== id);
      emit({ kind: 'pair_changed' });
      return {};
    },
    'devices.copies': () => ({ copies: [] }),
    doctor: () => ({
      findings: devices
        .filter((one) => one.path === 'none')
        .map((one) => ({
          code: 'away' as const,
          message: `${one.name} is not heard. It is off, asleep, or elsewhere.`,
          remedy: 'Switch it on and start Kith there, in the same network as this device.',
          device_id: one.id,
        })),
    }),
    'devices.list': () => ({ devices: devices.map((one) => ({ ...one })), recovery_due: recoveryDue() }),
  };
  return { handlers, asked: (device) => (pending = [...pending, device]) };
}
