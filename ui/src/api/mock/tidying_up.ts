/** The hub in memory: what was, duplicates, deletions that wait, codes, accounts and settings. */
import type { Handlers } from '../mock';
import type { Card, Event, Held, Settings } from '../types';
import { Accounts } from './accounts';
import { freshId, type MockBook } from './book';
import { qr } from './qr';
import { refuse } from './refuse';
import { duplicates, merged } from './tidy';

/** Something that can be taken back. */
export interface Step {
  what: string;
  back: () => string[];
  /** What it shares with others that are taken back together. */
  sitting?: string;
}

/** Deletions that wait, with whom they concern. */
type Waiting = Held & { ids: string[] };

/** What the rest of the hub in memory lends. */
interface Scene {
  book: MockBook;
  undo: Step[];
  cardOf: (id: string) => Card;
  /** Changes cards and remembers how to take that back. */
  change: (what: string, ids: string[], apply: (card: Card) => Card) => void;
  changed: (ids: string[]) => void;
  emit: (event: Event) => void;
  deviceName: () => string;
}

type Tidying =
  | 'contacts.revert'
  | 'contacts.hide'
  | 'contacts.duplicates'
  | 'contacts.apart'
  | 'contacts.merge'
  | 'contacts.qr'
  | 'qr.scan'
  | 'held.list'
  | 'held.apply'
  | 'held.discard'
  | 'accounts.list'
  | 'accounts.add'
  | 'accounts.sync'
  | 'accounts.remove'
  | 'settings.show'
  | 'settings.set';

export interface TidyingUp {
  handlers: Pick<Handlers, Tidying>;
  /** Lets a deletion wait; answers its id. */
  hold: (ids: string[]) => string;
  /** How many deletions wait. */
  readonly waiting: number;
}

export function tidyingUp({ book, undo, cardOf, change, changed, emit, deviceName }: Scene, isGone: boolean): TidyingUp {
  const apart = new Set<string>();
  const accounts = new Accounts();
  let settings: Settings = { region: '', region_suggested: 'DE', sort_locale: '', sort_by: 'given' };
  let held: Waiting[] = isGone ? [gone(book)] : [];

  function takeHeld(id: string): Waiting {
    const found = held.find((one) => one.id === id) ?? refuse('not_found', 'This was answered already.');
    held = held.filter((one) => one !== found);
    emit({ kind: 'held_changed' });
    return found;
  }

  function hold(ids: string[]): string {
    const names = ids.slice(0, 5).map((id) => cardOf(id).name);
    const what = `Moving ${ids.length} contacts to the trash`;
    const waits = { id: freshId(), what, count: ids.length, time: new Date().toISOString(), names, ids };
    held = [...held, waits];
    emit({ kind: 'held_changed' });
    return waits.id;
  }

  const handlers: TidyingUp['handlers'] = {
    'contacts.revert': ({ id, property_id, to }) => {
      const before = cardOf(id);
      const then = book.kept.get(id)?.history.find((entry) => entry.property_id === property_id && entry.time === to);
      if (!then) refuse('not_found', 'The history does not reach back that far.');
      else book.bringBack(id, then, deviceName());
      undo.push({ what: 'what was brought back', back: () => (book.keep(before, new Date().toISOString()), [id]) });
      changed([id]);
      return { id };
    },
    'contacts.hide': ({ id, property_id, hide }) => {
      change(hide ? 'hid a value' : 'showed a value again', [id], (card) => ({
        ...card,
        properties: card.properties.map((property) =>
          property.id === property_id ? { ...property, hidden: hide, changed_since_hidden: false } : property,
        ),
      }));
      return { id };
    },
    'contacts.duplicates': () => duplicates(book, apart),
    'contacts.apart': ({ a, b }) => {
      const pair = [a, b].sort().join(' ');
      apart.add(pair);
      undo.push({ what: 'that they are two people', back: () => (apart.delete(pair), [a, b]) });
      changed([a, b]);
      return {};
    },
    'contacts.merge': ({ a, b, choices, dry_run }) => {
      const [one, other] = [cardOf(a), cardOf(b)];
      const { answer, card } = merged(one, other, choices);
      if (dry_run) return answer;
      book.keep(card, new Date().toISOString());
      book.keep({ ...other, trashed: true }, new Date().toISOString());
      undo.push({ what: `merged ${other.name} into ${one.name}`, back: () => (book.keep(one), book.keep(other), [a, b]) });
      changed([a, b]);
      return answer;
    },
    'contacts.qr': ({ id }) => {
      const card = cardOf(id);
      return { svg: qr(), text: `BEGIN:VCARD\r\nVERSION:3.0\r\nFN:${card.name}\r\nEND:VCARD\r\n`, left_out: card.properties.some(({ name }) => name === 'NOTE') ? ['NOTE'] : [] };
    },
    'qr.scan': ({ picture }) =>
      picture === undefined
        ? refuse('file_unavailable', 'A page in a browser cannot look at the screen. Drop a picture of the code here.')
        : { codes: [{ kind: 'card', text: 'BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Noor van Dijk\r\nTEL:+31 6 5550 0144\r\nEND:VCARD\r\n' }] },
    'held.list': () => ({ held: held.map(({ id, what, count, time, names }) => ({ id, what, count, time, names })) }),
    'held.apply': ({ id }) => {
      const { ids, what } = takeHeld(id);
      change(what, ids, (card) => ({ ...card, trashed: true }));
      const applied = { count: ids.length, left: 0, names: [] as string[] };
      return applied;
    },
    'held.discard': ({ id }) => ({ count: takeHeld(id).ids.length }),
    'accounts.list': () => ({ accounts: accounts.list }),
    'accounts.add': ({ path, name }) => (emit({ kind: 'accounts_changed' }), accounts.add(path, name)),
    'accounts.sync': ({ id }) => (emit({ kind: 'accounts_changed' }), accounts.sync(id)),
    'accounts.remove': ({ id }) => (emit({ kind: 'accounts_changed' }), { count: accounts.remove(id) }),
    'settings.show': () => settings,
    'settings.set': (wanted) => {
      settings = { ...settings, ...wanted };
      emit({ kind: 'settings_changed' });
      return settings;
    },
  };

  return {
    handlers,
    hold,
    get waiting() {
      return held.length;
    },
  };
}

/** What waits when the file of an account has lost most of its cards. */
function gone(book: MockBook): Waiting {
  const cards = [...book.kept.values()].map(({ card }) => card).filter((card) => !card.trashed).slice(20, 140);
  return {
    id: freshId(),
    what: 'Phone export no longer has 120 of 150 contacts',
    count: cards.length,
    time: new Date(Date.now() - 3_600_000).toISOString(),
    names: cards.slice(0, 5).map(({ name }) => name),
    ids: cards.map(({ id }) => id),
  };
}
