/** How the properties of a card are put in order, named, and turned into links. Names are those of RFC 6350. */
import type { Card, CardProperty } from '../api/types';
import { linesOfAddress } from '../shared/address';
import { parseDate, readDate, when, whenInFull } from '../shared/format';
import type { IconName } from '../shared/icons';

/** Properties that belong together, shown between two hairlines. */
export interface Section {
  id: string;
  properties: CardProperty[];
}

const READINGS = ['X-PHONETIC-FIRST-NAME', 'X-PHONETIC-MIDDLE-NAME', 'X-PHONETIC-LAST-NAME', 'SORT-STRING'];
const SECTIONS: [id: string, names: string[]][] = [
  ['name', ['N', 'FN', 'NICKNAME', 'X-KITH-STATUS', 'ORG', 'TITLE', 'ROLE', 'PRONOUNS', ...READINGS]],
  ['phones', ['TEL']],
  ['mail', ['EMAIL', 'IMPP']],
  ['addresses', ['ADR']],
  ['dates', ['BDAY', 'ANNIVERSARY', 'X-ANNIVERSARY', 'X-ABDATE', 'DEATHDATE']],
  ['web', ['URL', 'SOCIALPROFILE', 'X-SOCIALPROFILE']],
];
const IN_HEAD = ['FN', 'ORG', 'TITLE', 'NICKNAME', 'PRONOUNS'];
/** Dates, any part of which may be missing. */
export const DATES = ['BDAY', 'ANNIVERSARY', 'X-ANNIVERSARY', 'X-ABDATE', 'DEATHDATE'];
/** What programs need and people do not. */
const HIDDEN = [
  'VERSION',
  'PRODID',
  'UID',
  'REV',
  'CREATED',
  'N',
  'KIND',
  'X-ABLABEL',
  'X-ABSHOWAS',
  'CLIENTPIDMAP',
  'BEGIN',
  'END',
];

/** What the card says: what another layer overrides and what I hid is no part of it. */
export const shownOf = (card?: Card): CardProperty[] => card?.properties.filter(({ hidden }) => !hidden) ?? [];

/** What is there to look at, but not part of the card. */
export const hiddenOf = (card: Card): CardProperty[] =>
  card.properties.filter(({ hidden, name }) => hidden && !HIDDEN.includes(name));

/** The shown value that stands over one that is not, where a card has only one of the name. */
export function standsOver(card: Card, { name, id }: CardProperty): CardProperty | undefined {
  return mayRepeat(name) ? undefined : shownOf(card).find((shown) => shown.name === name && shown.id !== id);
}

/** The first property of a name, as the head of the card shows it. */
export function firstOf(card: Card, name: string): CardProperty | undefined {
  return shownOf(card).find((property) => property.name === name);
}

/** The rows of a card. What its head shows comes again only where it asks something. */
export function sectionsOf(card: Card): Section[] {
  const head = new Set(IN_HEAD.map((name) => firstOf(card, name)?.id));
  const rows = shownOf(card).filter(
    (property) =>
      property.others.length > 0 || (!head.has(property.id) && !HIDDEN.includes(property.name) && !isPhoto(property)),
  );
  const placed = SECTIONS.map(([id, names]) => ({
    id,
    properties: rows
      .filter((property) => names.includes(property.name))
      .sort((a, b) => names.indexOf(a.name) - names.indexOf(b.name)),
  }));
  const rest = rows.filter(({ name }) => name !== 'NOTE' && !SECTIONS.some(([, names]) => names.includes(name)));
  placed.push({ id: 'more', properties: rest.filter(({ name }) => name in NAMES) });
  placed.push({ id: 'other', properties: rest.filter(({ name }) => !(name in NAMES)) });
  return placed.filter(({ properties }) => properties.length > 0);
}

/** The notes of a card, shown on slips of their own. */
export const notesOf = (card: Card): CardProperty[] => shownOf(card).filter(({ name }) => name === 'NOTE');

const NAMES: Record<string, string> = {
  TEL: 'phone',
  EMAIL: 'mail',
  ADR: 'address',
  URL: 'web',
  BDAY: 'birthday',
  ANNIVERSARY: 'anniversary',
  DEATHDATE: 'died',
  NOTE: 'note',
  IMPP: 'chat',
  ORG: 'organisation',
  TITLE: 'title',
  'X-KITH-STATUS': 'status',
  ROLE: 'role',
  N: 'name in parts',
  FN: 'name',
  NICKNAME: 'nickname',
  LANG: 'language',
  GENDER: 'gender',
  CATEGORIES: 'categories',
  RELATED: 'relation',
  GEO: 'place',
  TZ: 'time zone',
  PHOTO: 'photo',
  SOCIALPROFILE: 'profile',
  'X-SOCIALPROFILE': 'profile',
  'X-ANNIVERSARY': 'anniversary',
  'X-ABDATE': 'date',
  'X-ABRELATEDNAMES': 'relation',
  'X-KITH-CUSTOM': 'own field',
  PRONOUNS: 'pronouns',
  GRAMGENDER: 'grammatical gender',
  'X-PHONETIC-FIRST-NAME': 'given name reads',
  'X-PHONETIC-MIDDLE-NAME': 'middle name reads',
  'X-PHONETIC-LAST-NAME': 'family name reads',
  'SORT-STRING': 'sorted as',
  KEY: 'public key',
};
const TYPES: Record<string, string> = { cell: 'mobile', iphone: 'mobile', main: 'main', pager: 'pager', fax: 'fax' };
/** Types that say nothing to a person. */
const SILENT_TYPES = ['voice', 'internet', 'pref', 'x-internet', 'other', 'text'];

/** What a row is called: the person's own label, or the type, or the property; an unknown one by its own name. */
export function labelOf(property: Pick<CardProperty, 'name' | 'label' | 'params'>): string {
  const type = property.label.toLowerCase();
  const name = NAMES[property.name] ?? property.name;
  if (property.label === '' || SILENT_TYPES.includes(type)) return name;
  const label = TYPES[type] ?? (isType(property) ? type : property.label);
  return property.name === 'EMAIL' && ['home', 'work'].includes(label) ? `${label} mail` : label;
}

/** As `labelOf`, where a field stands alone and only its name and label are known: which `work` is it? */
export function fieldLabel(name: string, label: string): string {
  const short = labelOf({ name, label, params: { TYPE: [label] } });
  const kind = { TEL: 'phone', ADR: 'address', URL: 'web' }[name];
  return kind && ['home', 'work'].includes(short) ? `${short} ${kind}` : short;
}

/** As `linesOf`, on one line, where only its name and text are known. */
export const fieldText = (name: string, text: string): string => (DATES.includes(name) ? dateText(text) : text);

/** Whether the label is one of the types rather than the person's own word. */
function isType(property: Pick<CardProperty, 'label' | 'params'>): boolean {
  return (property.params.TYPE ?? []).some((type) => type.toLowerCase() === property.label.toLowerCase());
}

/** The value in lines, as it is read. */
export function linesOf(property: CardProperty): string[] {
  if (property.name === 'ADR') return linesOfAddress(property.parts) ?? [property.text];
  if (DATES.includes(property.name)) return [dateText(property.text)];
  return property.text.split('\n');
}

/** A date in words, or the text as it is. */
export function dateText(text: string): string {
  const date = parseDate(text);
  return date ? readDate(date) : text;
}

/** What the shell opens in another program. */
const SCHEMES = ['http:', 'https:', 'mailto:', 'tel:', 'sms:', 'xmpp:', 'geo:'];

/** Where a value leads; nothing for anything that is not plainly safe to open. */
export function linkOf({ name, text }: CardProperty): string | undefined {
  const value = text.trim();
  if (name === 'TEL')
    return /\d/.test(value) ? `tel:${value.replace(/^tel:/i, '').replace(/[^\d+*#,;]/g, '')}` : undefined;
  if (name === 'EMAIL') return value.includes('@') ? `mailto:${encodeURI(value.replace(/^mailto:/i, ''))}` : undefined;
  if (!['URL', 'IMPP', 'X-SOCIALPROFILE', 'SOURCE', 'CALURI', 'FBURL'].includes(name)) return undefined;
  try {
    const url = new URL(/^[a-z][a-z0-9+.-]*:/i.test(value) ? value : `https://${value}`);
    return SCHEMES.includes(url.protocol) ? url.href : undefined;
  } catch {
    return undefined;
  }
}

/** What can be done with a value at one press, beside copying it. */
export interface Action {
  label: string;
  icon: IconName;
  link: string;
}

export function actionsOf(property: CardProperty): Action[] {
  const link = linkOf(property);
  if (property.name === 'TEL' && link) {
    const message = { label: 'Send a message', icon: 'chat' as const, link: link.replace(/^tel:/, 'sms:') };
    const call = { label: 'Call', icon: 'call' as const, link };
    return (property.params.TYPE ?? []).some((type) => type.toLowerCase() === 'fax') ? [] : [call, message];
  }
  if (property.name === 'EMAIL' && link) return [{ label: 'Write a mail', icon: 'mail', link }];
  if (property.name === 'IMPP' && link) return [{ label: 'Chat', icon: 'chat', link }];
  if (property.name === 'ADR') {
    const place = linesOfAddress(property.parts)?.join(', ');
    return place ? [{ label: 'Show on openstreetmap.org', icon: 'pin', link: MAP + encodeURIComponent(place) }] : [];
  }
  if (link) return [{ label: 'Open', icon: 'globe', link }];
  return [];
}

/** Every system opens it; it learns the address, which is why the button names it. */
const MAP = 'https://www.openstreetmap.org/search?query=';

/** Where a value came from, short enough for the margin. */
export function sourceOf(property: CardProperty, now = new Date()): string {
  const time = when(property.time, now);
  const who =
    property.layer !== 'mine'
      ? `from ${property.source || LAYERS[property.layer] || property.layer}`
      : property.path === 'here'
        ? 'you'
        : `from ${property.device || 'another device'}`;
  return [who, time].filter(Boolean).join(', ');
}

/** Who says a value, in full. */
export function layerOf({ layer, source }: CardProperty): string {
  if (layer === 'mine') return 'You wrote it';
  if (layer === 'theirs') return source === '' ? 'They published it' : `${source} published it`;
  if (layer === 'book') return source === '' ? 'A shared book says so' : `The book ${source} says so`;
  return source === '' ? 'An account says so' : `The account ${source} says so`;
}

/** On which device, when and by which path a value was written. */
export function writtenOf({ device, time, path }: CardProperty): string {
  const came = path === 'here' ? '' : `, came ${PATHS[path] ?? path}`;
  return `Written on ${device || 'an unknown device'}, ${whenInFull(time)}${came}`;
}

/** The other layers that say the same, by name. */
export const alsoIn = ({ layers }: CardProperty): string[] => layers.slice(1).map(({ name }) => name || 'what you wrote');

const LAYERS: Record<string, string> = { theirs: 'their own card', book: 'a shared book', account: 'an account' };
/** Paths in a person's words. */
export const PATHS: Record<string, string> = { here: 'here', lan: 'over LAN', hub: 'through your hub', none: 'away' };

const PHOTO_TYPES = /^data:image\/(jpeg|png|gif|webp);base64,[A-Za-z0-9+/=\s]+$/;
const isPhoto = (property: CardProperty): boolean => property.name === 'PHOTO' && photoUrl(property) !== undefined;

/** The photo as a `data:` URL, if it is kept in the card and is a picture that can do no harm. */
export function photoOf(card: Card): string | undefined {
  const photo = shownOf(card).find(isPhoto);
  return photo && photoUrl(photo);
}

function photoUrl({ value, params }: CardProperty): string | undefined {
  if (PHOTO_TYPES.test(value)) return value;
  if (!(params.ENCODING ?? []).some((encoding) => ['b', 'base64'].includes(encoding.toLowerCase()))) return undefined;
  const url = `data:image/${(params.TYPE?.[0] ?? 'jpeg').toLowerCase()};base64,${value}`;
  return PHOTO_TYPES.test(url) ? url : undefined;
}

const SINGLE = ['N', 'FN', 'BDAY', 'ANNIVERSARY', 'DEATHDATE', 'GENDER', 'GRAMGENDER', ...READINGS, 'KIND', 'UID', 'REV', 'PRODID', 'PHOTO'];

/** Whether a card may hold several of these, so that both values can be kept. */
export const mayRepeat = (name: string): boolean => !SINGLE.includes(name);
