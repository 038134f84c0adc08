/** Backups of the hub in memory: a plan, and generations that are only remembered. */
import type { Answer, Name, Request } from '../client';
import { refuse } from './refuse';
import type { BackupPlan, BackupState, Event, Generation } from '../types';

type Some = Extract<Name, `backup.${string}` | 'restore'>;
type Handlers = { [N in Some]: (args: Request<N>) => Answer<N> };

const CODE = 'H7K2-9QWM-4TXD-P3VB-8RNC-6YFJ-2A';

export function backups(hub: { contacts: () => number; emit: (event: Event) => void; setUp: () => boolean }) {
  const plan: BackupPlan = { every: 'off', folder: '', include: [], last: null, changed: true, ready: true };
  const made: Generation[] = [];
  const asked = (): BackupPlan => ({ ...plan, include: [...plan.include] });
  const check = (code: string | undefined) => {
    if (code !== undefined && code !== CODE) refuse('wrong_code', 'This recovery code does not open the backup.');
  };

  function make(folder: string): Generation {
    if (folder === '') refuse('bad_request', 'No folder for backups is set. Name one.');
    const time = new Date().toISOString();
    const id = `${time.replaceAll(/[-:]|\.\d+/g, '')}-1a2b3c4d`;
    const generation = { id, time, bytes: 184_320, contacts: hub.contacts(), path: `${folder}/kith-${id}.age`, own: true };
    made.unshift(generation);
    Object.assign(plan, { last: time, changed: false });
    hub.emit({ kind: 'backup_changed' });
    return generation;
  }

  const handlers: Handlers = {
    'backup.every': ({ every, to }) => {
      Object.assign(plan, { every, ...(to !== undefined && { folder: to }) });
      if (every !== 'off' && plan.changed) make(plan.folder);
      hub.emit({ kind: 'backup_changed' });
      return asked();
    },
    'backup.now': ({ to }) => make(to ?? plan.folder),
    'backup.list': () => ({ generations: made.map((generation) => ({ ...generation })) }),
    'backup.check': asked,
    'backup.drill': ({ recovery_code }) => {
      check(recovery_code);
      const newest = made[0] ?? refuse('not_found', 'There is no such backup.');
      const opened = recovery_code !== undefined;
      return {
        path: newest.path,
        time: newest.time,
        bytes: newest.bytes,
        opened,
        as_written: true,
        contacts: opened ? (newest.contacts ?? 0) : 0,
        hash: '',
        same_as_book: opened && !plan.changed,
        ms: 840,
      };
    },
    'backup.include': ({ path, remove }) => {
      plan.include = plan.include.filter((other) => other !== path);
      if (!remove) plan.include.push(path);
      return asked();
    },
    restore: ({ recovery_code, preview }) => {
      check(recovery_code ?? '');
      if (hub.setUp()) {
        const devices = [{ id: 'a1'.repeat(16), name: 'Old laptop' }];
        return { added: hub.contacts(), changed: 0, removed: 0, newer: 0, time: new Date().toISOString(), contacts: [], devices };
      }
      const fields = [{ name: 'TEL', old: '+351 912 555 077', new: '+351 912 555 014' }];
      const contacts = preview ? [{ id: 'b1'.repeat(16), name: 'Dora Kovács', what: 'changed', fields }, ...['Inês Almeida', 'Omar Haddad'].map((name, at) => ({ id: `c${at}`.repeat(16), name, what: 'newer', fields: [] }))] : [];
      return { added: 0, changed: 1, removed: 0, newer: 2, time: plan.last ?? '', contacts, devices: [] };
    },
  };

  return {
    handlers,
    /** The book is newer than the last backup. */
    changed: () => (plan.changed = true),
    state: (): BackupState => ({ last: plan.last, changed: plan.changed }),
  };
}
