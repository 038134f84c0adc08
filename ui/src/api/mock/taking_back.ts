/** Taking back in the hub in memory, and doing again what was taken back, as long as nothing else was done since. */
import type { Handlers } from '../mock';
import type { Card } from '../types';
import type { MockBook } from './book';
import { refuse } from './refuse';
import type { Step } from './tidying_up';

interface Scene {
  book: MockBook;
  undo: Step[];
  cardOf: (id: string) => Card;
  changed: (ids: string[]) => void;
}

export function takingBack({ book, undo, cardOf, changed }: Scene): Pick<Handlers, 'contacts.undo' | 'contacts.redo'> {
  /** With how many steps were left then: any other number says that something else was done. */
  const undone: { what: string; left: number; cards: Card[] }[] = [];

  const keep = (cards: Card[]) => cards.map((card) => book.keep(card, new Date().toISOString()).card.id);

  return {
    'contacts.undo': ({ sitting }) => {
      const at = sitting === undefined ? undo.length - 1 : undo.findIndex((step) => step.sitting === sitting);
      const last = undo.splice(at, at < 0 ? 0 : 1)[0] ?? refuse('nothing_to_undo', 'There is nothing to take back.');
      const before = new Map([...book.kept].map(([id, { card }]) => [id, card]));
      const ids = last.back();
      undone.push({ what: last.what, left: undo.length, cards: ids.flatMap((id) => before.get(id) ?? []) });
      changed(ids);
      return { what: last.what, ids };
    },
    'contacts.redo': () => {
      const last = undone.pop();
      if (!last || last.left !== undo.length) return refuse('nothing_to_undo', 'There is nothing to do again.');
      const before = last.cards.map(({ id }) => cardOf(id));
      const ids = keep(last.cards);
      undo.push({ what: last.what, back: () => keep(before) });
      changed(ids);
      return { what: last.what, ids };
    },
  };
}
