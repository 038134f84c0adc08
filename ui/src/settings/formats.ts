/** The formats of an export: what each is for, and what to ask the hub. Pure, so that it can be tested. */
import type { Export } from '../api/types';

export interface Format {
  id: string;
  text: string;
  /** What it is good for, and what to mind. */
  about: string;
  ending: string;
  type: string;
  request: Pick<Export, 'vcard' | 'csv' | 'jscontact'>;
}

export const FORMATS: [Format, ...Format[]] = [
  {
    id: 'vcard-3',
    text: 'vCard 3.0',
    about: 'Every phone and address book reads it. Nothing of yours is left out.',
    ending: 'vcf',
    type: 'text/vcard',
    request: { vcard: '3.0', jscontact: false },
  },
  {
    id: 'vcard-4',
    text: 'vCard 4.0',
    about: 'The newer standard: dates without a year, pronouns and relations need no tricks. Not every program reads it.',
    ending: 'vcf',
    type: 'text/vcard',
    request: { vcard: '4.0', jscontact: false },
  },
  {
    id: 'google',
    text: 'Table for Google Contacts',
    about: 'Values stand in it exactly as they are, so that they can be read back. Do not open it in a spreadsheet: a value could act as a formula there.',
    ending: 'csv',
    type: 'text/csv',
    request: { csv: 'google', jscontact: false },
  },
  {
    id: 'outlook',
    text: 'Table for Outlook',
    about: 'Values stand in it exactly as they are, so that they can be read back. Do not open it in a spreadsheet: a value could act as a formula there.',
    ending: 'csv',
    type: 'text/csv',
    request: { csv: 'outlook', jscontact: false },
  },
  {
    id: 'spreadsheet',
    text: 'Table for a spreadsheet',
    about: 'Safe to open in Excel, LibreOffice and the like: what could act as a formula gets an apostrophe before it. To bring contacts into another program, take one of the others.',
    ending: 'csv',
    type: 'text/csv',
    request: { csv: 'spreadsheet', jscontact: false },
  },
  {
    id: 'jscontact',
    text: 'JSContact',
    about: 'JSON for programs (RFC 9553).',
    ending: 'json',
    type: 'application/json',
    request: { jscontact: true },
  },
];

export const formatOf = (id: string): Format => FORMATS.find((format) => format.id === id) ?? FORMATS[0];

/** The path with the ending of the format, unless the person gave it one of their own. */
export function pathFor(path: string, { ending }: Format): string {
  const known = [...new Set(FORMATS.map((format) => format.ending))].join('|');
  return path.replace(new RegExp(`\\.(${known})$`, 'i'), `.${ending}`);
}

/** What a file is called: after the person whose card it is, without what file systems refuse. */
export function fileName(whose = ''): string {
  const plain = whose.replace(/[\\/:*?"<>|\p{Cc}\p{Cf}]/gu, ' ').replace(/\s+/g, ' ').replace(/^[\s.]+|[\s.]+$/g, '');
  return `${[...plain].slice(0, NAME_MAX).join('').trim() || 'contacts'}.vcf`;
}

const NAME_MAX = 80;
