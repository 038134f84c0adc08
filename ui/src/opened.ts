/** What the system hands to the app: files, telephone numbers and mail addresses. Pure, so that it can be tested. */

export interface OpenedThings {
  /** Whole paths. */
  files: string[];
  numbers: string[];
  addresses: string[];
}

/** Sorts what was opened; a link that says nothing is left out. */
export function sorted(things: string[]): OpenedThings {
  const found: OpenedThings = { files: [], numbers: [], addresses: [] };
  for (const thing of things) {
    const link = /^(tel|mailto):(?:\/\/)?([^?]*)/i.exec(thing);
    if (!link) found.files.push(thing);
    else if (link[1]?.toLowerCase() === 'tel') found.numbers.push(...[numberIn(decoded(link[2]))].filter(Boolean));
    else found.addresses.push(...decoded(link[2]).split(',').map((address) => address.trim()).filter(Boolean));
  }
  return found;
}

/** A number without the parameters that a link may carry (RFC 3966). */
const numberIn = (text: string): string => (/\d/.test(text) ? (text.split(';')[0]?.trim() ?? '') : '');

function decoded(text = ''): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** What to look for by a number: all its digits, and its last ones, for it may be kept without its country's code. */
export function digitsToFind(number: string): string[] {
  const digits = number.replace(/\D/g, '');
  return [...new Set([digits, digits.slice(-LAST_DIGITS)])].filter((some) => some.length >= DIGITS_MIN);
}

/** As many as tell people of one country apart. */
const LAST_DIGITS = 8;
const DIGITS_MIN = 2;
