/** Who has what of me, in words: the ledger by person, with the fields that each of them was sent. */
import type { LedgerEntry, Link, SafetyEntry } from '../api/types';
import { when } from '../shared/format';

/** One person, and what they have of me. */
export interface Holder {
  person: string;
  contact?: string;
  name: string;
  /** Properties of my card that they were sent, by name. */
  fields: string[];
  sent: Delivery[];
}

/** One thing that was sent. */
export interface Delivery {
  id: string;
  /** What it is called; empty for my card. */
  item: string;
  version: number;
  /** `waiting` or `delivered`; `accepted` or `refused` if they let me know. */
  state: string;
  waits: boolean;
  text: string;
}

/** The ledger by person: those whom something waits for first, then whoever was sent something last. */
export function holdersOf(ledger: LedgerEntry[], safety: SafetyEntry[], links: Link[], now = new Date()): Holder[] {
  const holders = new Map<string, Holder>();
  for (const entry of ledger) {
    const { person_id: person, contact_id: contact, name } = entry;
    const fields = safety.find(({ kind, id }) => kind === 'person' && id === person)?.fields ?? [];
    const holder = holders.get(person) ?? { person, ...(contact !== undefined && { contact }), name, fields, sent: [] };
    const waits = entry.state === 'waiting';
    const text = stateText(entry, links.find(({ person_id }) => person_id === person), now);
    holder.sent.push({ id: entry.update_id + entry.item_id, item: entry.item, version: entry.version, state: entry.state, waits, text });
    holders.set(person, holder);
  }
  const all = [...holders.values()];
  const waits = (holder: Holder) => holder.sent.some((one) => one.waits);
  return [...all.filter(waits), ...all.filter((holder) => !waits(holder))];
}

const PATHS: Record<string, string> = { lan: 'over LAN' };

/** How a delivery stands, since when, and why it waits. */
export function stateText(entry: LedgerEntry, link: Link | undefined, now = new Date()): string {
  if (entry.state !== 'waiting') {
    const path = PATHS[entry.path];
    return [entry.state, ...(entry.delivered ? [when(entry.delivered, now)] : []), ...(path ? [path] : [])].join(', ');
  }
  const why = link?.path === 'lan' ? 'their device is asked right now' : 'none of their devices is near';
  return `waiting since ${when(entry.made, now)}: ${why}`;
}
