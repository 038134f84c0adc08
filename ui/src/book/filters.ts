/** What the list shows: the words for it, and the question. */
import type { Request } from '../api/client';
import type { Filter } from './book.svelte';

const TITLES = { everyone: 'Everyone', favourites: 'Favourites', household: 'Household', recent: 'Recently changed', undecided: 'To decide', trash: 'Trash' };

/** What the list is called. */
export function titleOf(filter: Filter): string {
  return filter.kind === 'group' || filter.kind === 'tag' ? filter.name : TITLES[filter.kind];
}

/** The group or tag whose contacts the list shows, if it shows those. */
export function groupIn(filter: Filter): Extract<Filter, { kind: 'group' | 'tag' }> | undefined {
  return filter.kind === 'group' || filter.kind === 'tag' ? filter : undefined;
}

/** Whether two filters show the same contacts. */
export function sameFilter(one: Filter, other: Filter): boolean {
  return one.kind === other.kind && ('id' in one ? one.id : '') === ('id' in other ? other.id : '');
}

/** The question for a part of a list. */
export function listed(filter: Filter, typed: string): Omit<Request<'contacts.list'>, 'offset' | 'limit'> {
  const find = typed.trim();
  return {
    trash: filter.kind === 'trash',
    undecided: filter.kind === 'undecided',
    recent: filter.kind === 'recent',
    favourites: filter.kind === 'favourites',
    ...(filter.kind === 'household' && { household: filter.id }),
    ...(filter.kind === 'group' && { group: filter.id }),
    ...(filter.kind === 'tag' && { tag: filter.id }),
    ...(find !== '' && { find }),
  };
}
