/** Contacts of the hub in memory: the list, a card, and what is done to it by hand. */
import type { Handlers } from '../mock';
import type { Card } from '../types';
import { freshId, type MockBook } from './book';
import type { Step } from './tidying_up';

interface Scene {
  book: MockBook;
  undo: Step[];
  cardOf: (id: string) => Card;
  change: (what: string, ids: string[], apply: (card: Card) => Card) => void;
  changed: (ids: string[]) => void;
  /** Has a deletion wait for a second yes. */
  hold: (ids: string[]) => string;
  deviceName: () => string;
}

/** A card of nobody yet. */
export const blank = (id: string, name: string): Card => ({
  id,
  name,
  reading: '',
  organisation: false,
  me: false,
  favourite: false,
  trashed: false,
  trash_undecided: false,
  properties: [],
  groups: [],
  tags: [],
});

/** Adds somebody to the book. */
export function add(book: MockBook, name: string, deviceName: string): string {
  const id = freshId();
  book.keep(blank(id, name), new Date().toISOString());
  if (name !== '') book.edit(id, [{ add: true, name: 'FN', parts: [[name]] }], [], deviceName, 'here');
  return id;
}

export function contacts(scene: Scene): Pick<Handlers, `contacts.${'list' | 'show' | 'add' | 'edit' | 'choose' | 'trash' | 'restore'}`> {
  const { book, undo, cardOf, change, changed, hold, deviceName } = scene;
  return {
    'contacts.list': (request) => book.list(request),
    'contacts.show': ({ id, history }) => ({
      ...cardOf(id),
      ...(history && { history: book.kept.get(id)?.history ?? [] }),
    }),
    'contacts.add': ({ properties, sitting }) => {
      const id = add(book, '', deviceName());
      book.edit(id, properties, [], deviceName(), 'here');
      const back = () => (book.keep({ ...cardOf(id), trashed: true }), [id]);
      undo.push({ what: `added ${cardOf(id).name}`, back, sitting });
      changed([id]);
      return { id };
    },
    'contacts.edit': ({ id, set, unset, order = [], sitting }) => {
      const before = cardOf(id);
      book.edit(id, set, unset, deviceName(), 'here');
      book.arrange(id, order);
      // The first step of a sitting takes back all of it.
      const begun = sitting !== undefined && undo.some((step) => step.sitting === sitting);
      const back = () => (book.keep(before, new Date().toISOString()), [id]);
      if (!begun) undo.push({ what: `edited ${before.name}`, back, sitting });
      changed([id]);
      return { id };
    },
    'contacts.choose': ({ id, property_id, value }) => {
      const before = cardOf(id);
      if (value === '') book.edit(id, [], [property_id], deviceName(), 'here');
      else book.edit(id, [{ property_id, add: false, name: '', value }], [], deviceName(), 'here');
      undo.push({ what: 'the choice', back: () => (book.keep(before, new Date().toISOString()), [id]) });
      changed([id]);
      return { id };
    },
    'contacts.trash': ({ ids }) => {
      if (ids.length > TRASH_MAX) return { count: 0, held: hold(ids) };
      change(`moved ${ids.length} to the trash`, ids, (card) => ({ ...card, trashed: true, trash_undecided: false }));
      return { count: ids.length };
    },
    'contacts.restore': ({ ids }) => {
      change(`restored ${ids.length}`, ids, (card) => ({ ...card, trashed: false, trash_undecided: false }));
      return { count: ids.length };
    },
  };
}

/** More than this go to the trash only after a second yes, as in the hub. */
const TRASH_MAX = 50;
