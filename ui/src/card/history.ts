/** The history of a card, field by field. Pure, so that it can be tested without a window. */
import type { CardProperty, HistoryEntry } from '../api/types';

/** What a field said before. */
export interface Earlier extends HistoryEntry {
  /** There is something that can be brought back. */
  restorable: boolean;
}

/** A field with what it says now and what it said before, newest first. */
export interface FieldHistory {
  id: string;
  name: string;
  /** What it says now; none if it was removed. */
  now?: CardProperty;
  earlier: Earlier[];
}

/** Puts the entries of each field together; the field that changed last stands first. */
export function byField(history: HistoryEntry[], properties: CardProperty[]): FieldHistory[] {
  const now = new Map(properties.map((property) => [property.id, property]));
  const fields = new Map<string, FieldHistory>();
  const newestFirst = history.toSorted((a, b) => b.until.localeCompare(a.until));
  for (const entry of newestFirst) {
    // A label is told with the field that it belongs to.
    if (entry.name === 'X-ABLABEL') continue;
    const id = entry.property_id;
    const field = fields.get(id) ?? { id, name: entry.name, now: now.get(id), earlier: [] };
    field.earlier.push({ ...entry, restorable: entry.value !== '' && entry.value !== field.now?.value });
    fields.set(id, field);
  }
  return [...fields.values()];
}
