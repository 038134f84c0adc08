/** Updates that wait from the time before something was said: what would be taken by itself if it arrived now. */
import type { InboxUpdate } from '../api/types';

/** One of them, and which of its properties; none named means all. */
export interface Overdue {
  id: string;
  fields: string[];
}

/**
 * Finds them, of everybody or of one person. A first card, a name that looks like somebody else's, a contact that was given and what own
 * devices answered differently always ask.
 */
export function overdueOf(updates: InboxUpdate[], policyOf: (person: string, field: string) => string, person?: string): Overdue[] {
  const asks = ({ state, first, kind, lookalikes, person_id }: InboxUpdate) =>
    state !== 'waiting' || first || kind === 'contact' || lookalikes.length > 0 || (person !== undefined && person_id !== person);
  return updates.flatMap((update) => {
    if (asks(update)) return [];
    const { id, person_id, changes } = update;
    // The parts of a name go with the name.
    const taken = changes.filter(({ name, torn }) => !torn && policyOf(person_id, name === 'N' ? 'FN' : name) === 'automatic');
    if (taken.length === 0) return [];
    return [{ id, fields: taken.length === changes.length ? [] : taken.map(({ property_id }) => property_id) }];
  });
}
