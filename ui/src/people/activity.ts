/** Activity in words: days with their headings, and what an entry says of which field. */
import type { ActivityEntry } from '../api/types';
import { dayInFull, when } from '../shared/format';

export interface Day {
  /** `2026-11-22`, here. */
  key: string;
  text: string;
  entries: ActivityEntry[];
}

/** Puts entries, which are the newest first, into their days. */
export function daysOf(entries: ActivityEntry[], now = new Date()): Day[] {
  const days: Day[] = [];
  for (const entry of entries) {
    const key = dayOf(new Date(entry.time));
    const last = days.at(-1);
    if (last?.key === key) last.entries.push(entry);
    else days.push({ key, text: key === dayOf(now) ? 'Today' : when(entry.time, now) || dayInFull(entry.time), entries: [entry] });
  }
  return days;
}

function dayOf(date: Date): string {
  const two = (n: number) => String(n).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** What an entry says: of which field, if it is about one, and what. */
export function saidOf(text: string): { field?: string; text: string } {
  const [, field, rest] = /^([A-Z][A-Z0-9-]*): (.*)$/s.exec(text) ?? [];
  return field === undefined || rest === undefined ? { text } : { field, text: rest };
}
