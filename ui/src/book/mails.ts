/** The mail addresses of several contacts, as other programs take them. */
import type { Mail } from '../api/types';

/** A list to paste: `Dora Kovács <dora@kovacs.example>, …`. */
export const addressList = (mails: Mail[]): string => mails.map(({ name, mail }) => addressOf(name, mail)).join(', ');

/**
 * A link that begins a mail to all of them, each hidden from the others; nothing where there are more than a link can
 * carry to every mail program.
 */
export function mailLink(mails: Mail[]): string | undefined {
  const bare = mails.map(({ mail }) => encodeURIComponent(mail).replaceAll('%40', '@'));
  const link = bare.length === 1 ? `mailto:${bare[0]}` : `mailto:?bcc=${bare.join(',')}`;
  return link.length <= LINK_CHARS_MAX ? link : undefined;
}

/** Name and address (RFC 5322, 3.4); a name with signs of its own stands in quotes. */
function addressOf(name: string, mail: string): string {
  const plain = name.replaceAll(/[\r\n\t]+/g, ' ').trim();
  if (plain === '' || plain === mail) return mail;
  const needsQuotes = /[()<>[\]:;@\\,."]/.test(plain);
  return `${needsQuotes ? `"${plain.replaceAll(/["\\]/g, '\\$&')}"` : plain} <${mail}>`;
}

/** Windows hands on no longer links to programs. */
const LINK_CHARS_MAX = 2_000;
