/** What the editor remarks on a value. It is advice: whatever was typed is saved. */
import { parseDate } from '../shared/format';
import { DATED, type Line } from './lines';

/** What looks wrong in a line, in a sentence; nothing if nothing does. */
export function adviceOf(line: Line, others: Line[], now = new Date()): string | undefined {
  const text = line.parts[0]?.trim() ?? '';
  if (line.name === 'X-KITH-CUSTOM' && text !== '' && line.label.trim() === '') return 'Give the field a name, so that you know what it is.';
  if (text === '') return undefined;
  const twin = others.some((other) => other.key !== line.key && other.name === line.name && sameValue(other, line));
  if (twin) return 'This stands here twice.';
  if (DATED.includes(line.name)) return adviceOfDate(text, line.name === 'BDAY', now);
  return RULES[line.name]?.(text);
}

const RULES: Record<string, (text: string) => string | undefined> = {
  TEL: (text) => {
    const digits = text.replaceAll(/\D/g, '').length;
    if (digits === 0) return 'A number without digits cannot be dialled.';
    if (digits > 15 && !/[x;#,p]/i.test(text)) return 'This is longer than any telephone number. Are these two?';
    return undefined;
  },
  EMAIL: (text) => {
    const mail = text.replace(/^mailto:/i, '');
    if (!mail.includes('@')) return 'A mail address has an @.';
    if (/\s/.test(mail)) return 'A mail address has no spaces.';
    const domain = mail.slice(mail.lastIndexOf('@') + 1);
    if (domain === '' || domain.endsWith('.')) return 'The part behind the @ is missing or unfinished.';
    const slip = SLIPS[domain.toLowerCase()];
    return slip === undefined ? undefined : `Did you mean ${slip}?`;
  },
  URL: (text) => (/\s/.test(text) ? 'A web address has no spaces.' : undefined),
};

/** Slips of the finger that mail comes back from. */
const SLIPS: Record<string, string> = {
  'gmial.com': 'gmail.com', 'gmail.con': 'gmail.com', 'gmai.com': 'gmail.com', 'gamil.com': 'gmail.com',
  'hotmial.com': 'hotmail.com', 'hotmail.con': 'hotmail.com', 'outlok.com': 'outlook.com', 'yaho.com': 'yahoo.com', 'iclod.com': 'icloud.com',
};

function adviceOfDate(text: string, birthday: boolean, now: Date): string | undefined {
  const date = parseDate(text);
  if (!date) return undefined;
  const { year, month, day } = date;
  if (month !== undefined && day !== undefined && day > new Date(year ?? LEAP_YEAR, month, 0).getDate()) return 'There is no such day.';
  if (birthday && year !== undefined) {
    if (new Date(year, (month ?? 1) - 1, day ?? 1) > now) return 'This day is still to come.';
    if (year < now.getFullYear() - AGE_MAX) return `That is more than ${AGE_MAX} years ago.`;
  }
  return undefined;
}

const sameValue = (one: Line, other: Line): boolean =>
  one.parts.every((part, at) => part.trim().toLowerCase() === (other.parts[at] ?? '').trim().toLowerCase());

/** A year with 29 February. */
const LEAP_YEAR = 2024;
const AGE_MAX = 125;
