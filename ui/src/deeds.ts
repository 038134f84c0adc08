/**
 * The one list of what can be done from anywhere: its words, its keys, and where it belongs. The keyboard, the sheet of
 * shortcuts, the palette and the hints all read it.
 */
import type { IconName } from './shared/icons';

export interface Doing {
  deed: string;
  /** A verb, as it stands in the palette. */
  text: string;
  icon: IconName;
  /** As people read them: `Ctrl F`, `/`, `Esc`. Those of one doing are other ways to the same. */
  keys: readonly string[];
  group: Group;
  /** Words that it is found by beside its text. */
  also?: string;
  /** It moves about or closes, which the palette has no use for. */
  bare?: boolean;
}

const GROUPS = ['People', 'Go to', 'Files and devices', 'Window'] as const;
export type Group = (typeof GROUPS)[number];

const LIST = [
  { deed: 'search', text: 'Search', icon: 'search', keys: ['Ctrl F', '/'], group: 'People', also: 'find' },
  { deed: 'add', text: 'New contact', icon: 'plus', keys: ['Ctrl N'], group: 'People', also: 'add write person' },
  { deed: 'edit', text: 'Edit this card', icon: 'pen', keys: ['E'], group: 'People', also: 'change' },
  { deed: 'save', text: 'Save now', icon: 'check', keys: ['Ctrl S'], group: 'People', also: 'keep', bare: true },
  { deed: 'undo', text: 'Undo', icon: 'undo', keys: ['Ctrl Z'], group: 'People', also: 'take back' },
  { deed: 'redo', text: 'Redo', icon: 'redo', keys: ['Ctrl Shift Z', 'Ctrl Y'], group: 'People', also: 'do again' },
  { deed: 'trash', text: 'Move to the trash', icon: 'trash', keys: ['Ctrl Delete'], group: 'People', also: 'delete remove' },
  { deed: 'star', text: 'Favourite, or no longer', icon: 'star', keys: ['Ctrl D'], group: 'People', also: 'star mark' },
  { deed: 'group', text: 'Put into a group…', icon: 'group', keys: ['Ctrl G'], group: 'People', also: 'add member' },
  { deed: 'tag', text: 'Tag…', icon: 'tag', keys: ['Ctrl T'], group: 'People', also: 'label mark' },
  { deed: 'qr', text: 'Show this card as a QR code', icon: 'qr', keys: [], group: 'People', also: 'scan phone share' },
  { deed: 'list', text: 'Back to the list', icon: 'back', keys: ['Left'], group: 'People', bare: true },

  { deed: 'me', text: 'My card', icon: 'people', keys: [], group: 'Go to', also: 'me mine' },
  { deed: 'know', text: 'Who should know?', icon: 'send', keys: [], group: 'People', also: 'send update share my card' },
  { deed: 'inbox', text: 'Inbox', icon: 'inbox', keys: ['Ctrl 1'], group: 'Go to', also: 'waiting' },
  { deed: 'everyone', text: 'Everyone', icon: 'people', keys: ['Ctrl 2'], group: 'Go to', also: 'all contacts list' },
  { deed: 'favourites', text: 'Favourites', icon: 'star', keys: ['Ctrl 3'], group: 'Go to', also: 'starred' },
  { deed: 'recent', text: 'Recently changed', icon: 'clock', keys: [], group: 'Go to', also: 'new latest' },
  { deed: 'bin', text: 'Trash', icon: 'trash', keys: [], group: 'Go to', also: 'deleted' },
  { deed: 'people', text: 'Linked people', icon: 'link', keys: ['Ctrl 8'], group: 'Go to', also: 'linked invite friends' },
  { deed: 'ledger', text: 'Who has what of me', icon: 'send', keys: [], group: 'Go to', also: 'ledger delivered waiting sent versions' },
  { deed: 'activity', text: 'What others changed', icon: 'clock', keys: [], group: 'Go to', also: 'activity news history' },
  { deed: 'safety', text: 'Safety', icon: 'shield', keys: [], group: 'Go to', also: 'who can see security access privacy' },
  { deed: 'birthdays', text: 'Birthdays', icon: 'cake', keys: [], group: 'Go to', also: 'anniversary age' },
  { deed: 'devices', text: 'Devices', icon: 'laptop', keys: ['Ctrl 4'], group: 'Go to', also: 'phone sync' },
  { deed: 'accounts', text: 'Accounts', icon: 'globe', keys: ['Ctrl 6'], group: 'Go to', also: 'files programs' },
  { deed: 'duplicates', text: 'Duplicates', icon: 'copy', keys: ['Ctrl 7'], group: 'Go to', also: 'same merge twice' },
  { deed: 'settings', text: 'Settings', icon: 'settings', keys: ['Ctrl ,'], group: 'Go to', also: 'preferences options' },

  { deed: 'import', text: 'Import contacts…', icon: 'import', keys: ['Ctrl I'], group: 'Files and devices', also: 'vcard csv file bring phone iphone android google outlook' },
  { deed: 'export', text: 'Export…', icon: 'send', keys: ['Ctrl E'], group: 'Files and devices', also: 'save vcard csv file' },
  { deed: 'print', text: 'Print…', icon: 'book', keys: ['Ctrl P'], group: 'Files and devices', also: 'paper pdf' },
  { deed: 'pair', text: 'Pair a device', icon: 'link', keys: [], group: 'Files and devices', also: 'add phone join code' },
  { deed: 'backups', text: 'Backups', icon: 'restore', keys: [], group: 'Files and devices', also: 'restore bring back settings' },

  { deed: 'palette', text: 'Do anything', icon: 'search', keys: ['Ctrl K'], group: 'Window', also: 'commands', bare: true },
  { deed: 'shortcuts', text: 'Keyboard shortcuts', icon: 'program', keys: ['?'], group: 'Window', also: 'keys help' },
  { deed: 'theme', text: 'Switch between light and dark', icon: 'eye', keys: [], group: 'Window', also: 'theme colours night' },
  { deed: 'larger', text: 'Larger', icon: 'plus', keys: ['Ctrl +'], group: 'Window', also: 'zoom in size' },
  { deed: 'smaller', text: 'Smaller', icon: 'minus', keys: ['Ctrl -'], group: 'Window', also: 'zoom out size' },
  { deed: 'usual', text: 'Usual size', icon: 'refresh', keys: ['Ctrl 0'], group: 'Window', also: 'zoom reset 100' },
  { deed: 'pane', text: 'Next part of the window', icon: 'right', keys: ['F6'], group: 'Window', bare: true },
  { deed: 'leave', text: 'Done, or close', icon: 'x', keys: ['Esc'], group: 'Window', bare: true },
] as const satisfies readonly Doing[];

/** What can be done from anywhere, by name. */
export type Deed = (typeof LIST)[number]['deed'];

export const DOINGS: readonly (Doing & { deed: Deed })[] = LIST;

/** The doings that have keys, in groups, and what the list and the card answer to by themselves. */
export function shortcuts(): { group: Group; rows: { text: string; keys: readonly string[] }[] }[] {
  return GROUPS.map((group) => ({
    group,
    rows: [
      ...DOINGS.filter((doing) => doing.group === group && doing.keys.length > 0),
      ...(group === 'People' ? IN_THE_LIST : []),
    ],
  }));
}

/** Keys that the list, the card and the inbox hear by themselves. */
const IN_THE_LIST = [
  { text: 'Move in the list, jump to a letter', keys: ['Up', 'Down', 'A'] },
  { text: 'Into the card', keys: ['Enter', 'Right'] },
  { text: 'Move a phone, a mail, … up or down', keys: ['Alt Up', 'Alt Down'] },
  { text: 'In the inbox: accept, later, refuse', keys: ['A', 'L', 'R'] },
  { text: 'In the inbox: next, previous', keys: ['J', 'K'] },
];

/** A key as it is called here: Command on a Mac, Control elsewhere. */
export function keyText(key: string, mac = isMac()): string {
  return mac ? key.replace(/^Ctrl /, '⌘ ').replace('Shift ', '⇧ ').replace('Alt ', '⌥ ') : key;
}

const isMac = (): boolean => typeof navigator !== 'undefined' && /^Mac/.test(navigator.platform);

/** The doings that fit what was typed, best first: every word of it begins a word of theirs. */
export function matching(typed: string, among: readonly (Doing & { deed: Deed })[]): (Doing & { deed: Deed })[] {
  const words = fold(typed).split(' ').filter(Boolean);
  const scored = among.map((doing) => {
    const own = fold(doing.text).split(' ');
    const all = [...own, ...fold(doing.also ?? '').split(' ')];
    if (!words.every((word) => all.some((other) => other.startsWith(word)))) return { doing, score: -1 };
    const first = words[0] !== undefined && own[0]?.startsWith(words[0]) ? 2 : 0;
    return { doing, score: first + words.filter((word) => own.some((other) => other.startsWith(word))).length };
  });
  const fitting = scored.filter(({ score }) => score >= 0);
  return fitting.toSorted((a, b) => b.score - a.score).map(({ doing }) => doing);
}

const fold = (text: string): string => text.normalize('NFKD').replace(/[\p{M}…,]/gu, '').toLowerCase().trim();
