/** Who can see or change what, in the hub in memory: its devices, its linked people, its backups. */
import type { Device, Link, SafetyEntry } from '../types';

export function safetyOf(devices: Device[], links: Link[], fieldsOf: (person: string) => string[]): SafetyEntry[] {
  const own = devices.map(
    ({ id, name, this: here }): SafetyEntry => ({
      kind: 'device',
      id,
      name,
      sees: 'Sees the whole address book, and every setting.',
      changes: 'Everything, and which devices there are.',
      fields: [],
      remedy: here ? '' : `devices revoke ${id}`,
    }),
  );
  const people = links.flatMap(({ person_id: id, name, state }): SafetyEntry[] => {
    const [open, fields] = [state === 'linked', fieldsOf(id)];
    if (!open && fields.length === 0) return [];
    const sent = fields.length === 0 ? 'Was sent nothing of my card so far.' : 'Has my card as it was sent last, and gets what is sent from now on.';
    return [
      {
        kind: 'person',
        id,
        name,
        sees: open ? sent : 'Keeps what was sent before the link ended, and gets nothing more.',
        changes: open ? 'What they say of themselves on their own card.' : '',
        fields,
        remedy: open ? `link remove ${id}` : '',
      },
    ];
  });
  return [...own, ...people];
}
