/** Times, numbers and languages in words a person reads. */

const DAY_MS = 86_400_000;
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const weekday = new Intl.DateTimeFormat('en-GB', { weekday: 'long' });
const dayMonth = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long' });
const dayMonthYear = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric' });
const full = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'short' });
const wholeDay = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long' });
const grouped = new Intl.NumberFormat('en');

/** The short form of a time: `10:42` today, `Tuesday` this week, `3 March` this year, else with the year. */
export function when(time: string, now = new Date()): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return '';
  const days = Math.round((startOfDay(now) - startOfDay(date)) / DAY_MS);
  if (days === 0) return clock.format(date);
  if (days > 0 && days < 7) return weekday.format(date);
  return (date.getFullYear() === now.getFullYear() ? dayMonth : dayMonthYear).format(date);
}

/** As `when`, with the time of day added to any other day. */
export function whenExactly(time: string, now = new Date()): string {
  const short = when(time, now);
  const date = new Date(time);
  return short === '' || short === clock.format(date) ? short : `${short} ${clock.format(date)}`;
}

/** The whole time, for a tooltip. */
export function whenInFull(time: string): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? '' : full.format(date);
}

/** The day with its year, for what is read years later: `3 March 2026`. */
export function dayInFull(time: string): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? '' : wholeDay.format(date);
}

/** A number with its thousands set apart. */
export const number = (n: number): string => grouped.format(n);

/** `1 contact`, `2 contacts`. */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${number(n)} ${n === 1 ? one : many}`;
}

/** Minutes and seconds of a countdown. */
export function countdown(seconds: number): string {
  const left = Math.max(0, Math.floor(seconds));
  return `${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}`;
}

/** The language of a name or note, where its script tells; absent for Latin and the like. */
export function langOf(text: string): string | undefined {
  if (/[\u3040-\u30ff]/.test(text)) return 'ja';
  if (/[\uac00-\ud7af]/.test(text)) return 'ko';
  if (/\p{Script=Han}/u.test(text)) return 'zh-Hans';
  return undefined;
}

/** A date as vCard writes it (RFC 6350, 4.3.1), any part of which may be missing. */
export interface PartialDate {
  year?: number;
  month?: number;
  day?: number;
}

/** Reads `1990-12-14`, `19901214`, `--1214`, `--12-14`, `1990-12`, `1990`; nothing if it is something else. */
export function parseDate(text: string): PartialDate | undefined {
  const match =
    /^(\d{4})-?(\d{2})-?(\d{2})(?:T.*)?$/.exec(text) ??
    /^(--)(\d{2})-?(\d{2})(?:T.*)?$/.exec(text) ??
    /^(\d{4})(?:-(\d{2}))?$/.exec(text) ??
    /^(--)(\d{2})$/.exec(text);
  if (!match) return undefined;
  const date: PartialDate = {};
  if (match[1] !== '--') date.year = Number(match[1]);
  if (match[2]) date.month = Number(match[2]);
  if (match[3]) date.day = Number(match[3]);
  if (date.month !== undefined && (date.month < 1 || date.month > 12)) return undefined;
  if (date.day !== undefined && (date.day < 1 || date.day > 31)) return undefined;
  return date;
}

/** Writes a date in vCard's basic form; empty if there is too little to write. */
export function printDate({ year, month, day }: PartialDate): string {
  const two = (n: number) => String(n).padStart(2, '0');
  const start = year === undefined ? '--' : String(year).padStart(4, '0');
  if (month === undefined) return year === undefined ? '' : start;
  if (day === undefined) return year === undefined ? `--${two(month)}` : `${start}-${two(month)}`;
  return `${start}${two(month)}${two(day)}`;
}

/** `14 December 1990`, with whatever parts there are. */
export function readDate({ year, month, day }: PartialDate): string {
  const name = month === undefined ? '' : MONTHS[month - 1];
  return [day, name, year].filter((part) => part !== undefined && part !== '').join(' ');
}

/** How many days until the date comes round again; nothing without day and month. */
export function daysUntil({ month, day }: PartialDate, now = new Date()): number | undefined {
  if (month === undefined || day === undefined) return undefined;
  const next = new Date(now.getFullYear(), month - 1, day);
  if (next.getTime() < startOfDay(now)) next.setFullYear(now.getFullYear() + 1);
  return Math.round((next.getTime() - startOfDay(now)) / DAY_MS);
}

export const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

function startOfDay(date: Date): number {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}
