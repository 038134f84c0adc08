/** Groups and tags of the hub in memory. */
import type { Handlers } from '../mock';
import type { Card, Event, GroupKind } from '../types';
import { freshId, type MockBook } from './book';
import { refuse } from './refuse';

interface Scene {
  book: MockBook;
  change: (what: string, ids: string[], apply: (card: Card) => Card) => void;
  emit: (event: Event) => void;
}

export function grouped({ book, change, emit }: Scene): Pick<Handlers, `groups.${'list' | 'add' | 'rename' | 'remove' | 'put' | 'take'}`> {
  function belong(kind: GroupKind, nameOrId: string, ids: string[], within: boolean): number {
    const group = groupOf(kind, nameOrId);
    const key = kind === 'group' ? 'groups' : 'tags';
    change(within ? `put into ${group.name}` : `taken out of ${group.name}`, ids, (card) => ({
      ...card,
      [key]: [
        ...card[key].filter(({ id }) => id !== group.id),
        ...(within ? [{ id: group.id, name: group.name }] : []),
      ],
    }));
    emit({ kind: 'groups_changed' });
    return ids.length;
  }

  const groupOf = (kind: GroupKind, nameOrId: string) =>
    book.groups[kind].find(({ id, name }) => id === nameOrId || name === nameOrId) ??
    refuse('not_found', `There is no ${kind} of that name.`);

  return {
    'groups.list': ({ kind }) => (book.countGroups(), { groups: book.groups[kind].map((group) => ({ ...group })) }),
    'groups.add': ({ kind, name }) => {
      const group = { id: freshId(), name, count: 0 };
      book.groups[kind].push(group);
      emit({ kind: 'groups_changed' });
      return { id: group.id };
    },
    'groups.rename': ({ kind, group, name }) => {
      const found = groupOf(kind, group);
      found.name = name;
      emit({ kind: 'groups_changed' });
      return { id: found.id };
    },
    'groups.remove': ({ kind, group }) => {
      const found = groupOf(kind, group);
      book.groups[kind] = book.groups[kind].filter(({ id }) => id !== found.id);
      emit({ kind: 'groups_changed' });
      return { id: found.id };
    },
    'groups.put': ({ kind, group, ids }) => ({ count: belong(kind, group, ids, true) }),
    'groups.take': ({ kind, group, ids }) => ({ count: belong(kind, group, ids, false) }),
  };
}
