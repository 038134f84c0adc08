/** The words for what the list shows. */
import type { Filter } from './book.svelte';

const TITLES = { everyone: 'Everyone', favourites: 'Favourites', household: 'Household', recent: 'Recently changed', undecided: 'To decide', trash: 'Trash' };

/** What the list is called. */
export function titleOf(filter: Filter): string {
  return filter.kind === 'group' || filter.kind === 'tag' ? filter.name : TITLES[filter.kind];
}

/** Whether two filters show the same contacts. */
export function sameFilter(one: Filter, other: Filter): boolean {
  return one.kind === other.kind && ('id' in one ? one.id : '') === ('id' in other ? other.id : '');
}
