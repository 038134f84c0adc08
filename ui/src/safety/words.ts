/** What each kind of entry is called, and what its button does. */
import type { SafetyEntry } from '../api/types';
import type { IconName } from '../shared/icons';

const TITLES: Record<string, { title: string; icon: IconName }> = {
  device: { title: 'Your devices', icon: 'laptop' },
  person: { title: 'People', icon: 'people' },
  account: { title: 'Files and folders that are read', icon: 'program' },
  backup: { title: 'Backups', icon: 'restore' },
  phone: { title: 'Phones and programs that read your book', icon: 'mobile' },
  hub: { title: 'Hubs', icon: 'cloud' },
  book: { title: 'Shared books', icon: 'book' },
};

export const titleOf = (kind: string): { title: string; icon: IconName } => TITLES[kind] ?? { title: kind, icon: 'shield' };

/** What an entry can change, as a sentence. The hub says it on its own: `Everything, and which devices there are.` */
export function changesText({ changes }: SafetyEntry): string {
  return changes === '' ? 'Changes nothing.' : `Changes ${changes[0]?.toLowerCase()}${changes.slice(1)}`;
}

/** How access is ended: a button's words, what is asked first, and the yes. */
export interface Remedy {
  text: string;
  question: string;
  yes: string;
}

/** What ends an entry's access; nothing where there is nothing to end. Devices are asked about on a sheet of their own. */
export function remedyOf({ kind, name, remedy }: SafetyEntry): Remedy | undefined {
  if (remedy === '') return undefined;
  switch (kind) {
    case 'person': return { text: 'End the link', question: `Send ${name} nothing more, and take nothing?`, yes: 'End it' };
    case 'account': return { text: 'Disconnect', question: 'Take what it said out of your book?', yes: 'Disconnect' };
    case 'backup': return { text: 'Stop backups', question: 'Make no more backups there?', yes: 'Stop' };
    default: return undefined;
  }
}
