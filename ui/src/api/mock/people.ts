/** The hub in memory: favourites, households, relations, birthdays, one edit of many, and where a text was found. */
import type { Handlers } from '../mock';
import type { Card, CardProperty, Piece } from '../types';
import { partsOf, type MockBook } from './book';
import type { Step } from './tidying_up';

interface Scene {
  book: MockBook;
  undo: Step[];
  cardOf: (id: string) => Card;
  change: (what: string, ids: string[], apply: (card: Card) => Card) => void;
  changed: (ids: string[]) => void;
  deviceName: () => string;
}

type People =
  | 'contacts.favourite'
  | 'contacts.edit_many'
  | 'contacts.around'
  | 'contacts.matches'
  | 'contacts.birthdays'
  | 'contacts.mails';

export function people({ book, undo, cardOf, change, changed, deviceName }: Scene): Pick<Handlers, People> {
  const others = () => [...book.kept.values()].map(({ card }) => card).filter((card) => !card.me && !card.trashed);
  return {
    'contacts.favourite': ({ ids, on }) => {
      change(on ? 'a favourite' : 'no favourite', ids, (card) => ({ ...card, favourite: on }));
      return { count: ids.length };
    },
    'contacts.edit_many': ({ ids, set, unset }) => {
      const before = ids.map(cardOf);
      const several = before.filter((card) => set.some(({ name, add }) => !add && named(card, name).length > 1));
      const edited = before.filter((card) => !several.includes(card));
      for (const card of edited) {
        const gone = card.properties.filter(({ name }) => unset.includes(name)).map(({ id }) => id);
        const found = set.map((edit) => {
          const id = edit.add ? undefined : named(card, edit.name)[0]?.id;
          return { ...edit, ...(id !== undefined && { property_id: id }), parts: edit.parts ?? partsOf(edit.name, edit.value ?? '') };
        });
        book.edit(card.id, found, gone, deviceName(), 'here');
      }
      const back = () => (edited.forEach((card) => book.keep(card, new Date().toISOString())), edited.map(({ id }) => id));
      undo.push({ what: `edited ${edited.length} contacts`, back });
      changed(edited.map(({ id }) => id));
      return { count: edited.length, left: several.length, names: several.map(({ name }) => name) };
    },
    'contacts.around': ({ id }) => {
      const card = cardOf(id);
      const rest = others().filter((other) => other.id !== id);
      const household = rest
        .filter((other) => signs(other).some((sign) => signs(card).includes(sign)))
        .map((other) => ({ id: other.id, name: other.name, why: 'same telephone' }));
      const related = named(card, 'RELATED').flatMap((property) => {
        const found = rest.filter(({ name }) => name === property.text);
        return found.length === 1 && found[0] ? [{ id: found[0].id, name: found[0].name, property_id: property.id, label: property.label }] : [];
      });
      const named_by = rest.flatMap((other) => {
        const says = named(other, 'RELATED').find(({ text }) => text === card.name);
        return says ? [{ id: other.id, name: other.name, property_id: says.id, label: says.label }] : [];
      });
      return { household, related, named_by };
    },
    'contacts.matches': ({ find, ids }) => ({
      matches: ids.flatMap((id) => {
        const card = book.kept.get(id)?.card;
        if (!card) return [];
        const name = piecesOf(card.name, find);
        const hit = card.properties.find(({ name, text }) => name !== 'FN' && name !== 'N' && piecesOf(text, find).length > 0);
        const said = name.length === 0 && hit ? { field: hit.name, label: hit.label, text: piecesOf(hit.text, find) } : { field: '', label: '', text: [] };
        return [{ id, name, ...said }];
      }),
    }),
    'contacts.birthdays': ({ from, days }) => {
      const today = new Date(`${from ?? new Date().toISOString().slice(0, 10)}T00:00:00Z`);
      const found = others().flatMap((card) => {
        const born = /^(\d{4}|--)-?(\d\d)-?(\d\d)$/.exec(named(card, 'BDAY')[0]?.text ?? '');
        if (!born) return [];
        const next = new Date(Date.UTC(today.getUTCFullYear(), Number(born[2]) - 1, Number(born[3])));
        if (next < today) next.setUTCFullYear(next.getUTCFullYear() + 1);
        const left = Math.round((next.getTime() - today.getTime()) / 86_400_000);
        const turns = born[1] === '--' ? undefined : next.getUTCFullYear() - Number(born[1]);
        if (left > (days ?? 60)) return [];
        return [{ id: card.id, name: card.name, organisation: card.organisation, date: next.toISOString().slice(0, 10), days: left, ...(turns !== undefined && { turns }) }];
      });
      return { birthdays: found.sort((a, b) => a.days - b.days) };
    },
    'contacts.mails': ({ ids }) => {
      const mails = ids.map(cardOf).flatMap((card) => {
        const mail = named(card, 'EMAIL')[0]?.text;
        return mail === undefined ? [] : [{ id: card.id, name: card.name, mail }];
      });
      return { mails, without: ids.length - mails.length };
    },
  };
}

const named = (card: Card, name: string): CardProperty[] =>
  card.properties.filter((property) => property.name === name && !property.hidden);

/** What stands for a home. */
export const signs = (card: Card): string[] =>
  card.organisation
    ? []
    : card.properties
        .filter(({ name, label }) => ['TEL', 'ADR'].includes(name) && label === 'home')
        .map(({ text }) => text.replaceAll(/\W/g, '').toLowerCase());

function piecesOf(text: string, find: string): Piece[] {
  const at = text.toLowerCase().indexOf(find.trim().toLowerCase());
  if (at < 0) return [];
  const end = at + find.trim().length;
  const pieces = [
    { text: text.slice(0, at), hit: false },
    { text: text.slice(at, end), hit: true },
    { text: text.slice(end), hit: false },
  ];
  return pieces.filter((piece) => piece.text !== '');
}
