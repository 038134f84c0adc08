/** The birthdays to come, read when the page is opened and when contacts change. */
import { Reading } from '../api/reading.svelte';
import type { Birthday } from '../api/types';

export class BirthdaysAhead extends Reading {
  /** Nothing before the first answer. */
  list = $state.raw<Birthday[]>();

  load(now = new Date()): Promise<void> {
    return this.read(async () => {
      const { birthdays } = await this.client.call('contacts.birthdays', { from: localDay(now), days: DAYS_AHEAD });
      this.list = birthdays;
    });
  }
}

/** The day it is here, as the hub reads it. */
export function localDay(now: Date): string {
  const two = (n: number) => String(n).padStart(2, '0');
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

/** What a list of birthdays says of one: `today, turns 42`, `tomorrow`, `in 12 days`. */
export function aheadText({ days, turns, organisation }: Birthday): string {
  const time = days === 0 ? 'today' : days === 1 ? 'tomorrow' : `in ${days} days`;
  if (turns === undefined) return time;
  return `${time}, ${organisation ? `${turns} years` : `turns ${turns}`}`;
}

/** The birthdays of each month together, in the order they come. */
export function byMonth(list: Birthday[]): { month: string; birthdays: Birthday[] }[] {
  const months: { month: string; birthdays: Birthday[] }[] = [];
  for (const birthday of list) {
    const month = monthYear.format(new Date(`${birthday.date}T12:00:00`));
    const last = months.at(-1);
    if (last?.month === month) last.birthdays.push(birthday);
    else months.push({ month, birthdays: [birthday] });
  }
  return months;
}

/** The day of a birthday: `Mon 14`. */
export const dayText = (date: string): string => weekdayDay.format(new Date(`${date}T12:00:00`));

const monthYear = new Intl.DateTimeFormat('en-GB', { month: 'long', year: 'numeric' });
const weekdayDay = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric' });
const DAYS_AHEAD = 90;
