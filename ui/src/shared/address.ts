/**
 * The order in which a country writes its addresses. The places are those of vCard's components (RFC 6350, 6.3.1).
 *
 * It only orders what is there and names the boxes: whatever is typed into any of them is kept.
 */

/** A component's place in `ADR`. */
export type Part = 0 | 1 | 2 | 3 | 4 | 5 | 6;

export const BOX = 0;
export const EXTRA = 1;
export const STREET = 2;
export const TOWN = 3;
export const REGION = 4;
export const CODE = 5;
export const COUNTRY = 6;

/** How addresses of a country are written: lines from the top, each with its parts from the left. */
export interface Order {
  lines: Part[][];
  /** What the region is called; empty where nobody writes one. */
  region: string;
  code: string;
}

/** The order of an address, by the country in it, else by where one is. */
export function orderOf(country: string, home = ''): Order {
  const written = country.trim().toLowerCase();
  const region = written === '' ? home.toUpperCase() : (COUNTRIES[written] ?? (/^[a-z]{2}$/.test(written) ? written.toUpperCase() : ''));
  const shape = SHAPES.find(({ of }) => of.includes(region));
  return shape ? { ...COMMON, ...shape.order, ...NAMED[region] } : COMMON;
}

/** The lines of an address, as its country writes them; nothing if it is empty. */
export function linesOfAddress(parts: string[][]): string[] | undefined {
  const texts = Array.from({ length: 7 }, (_, at) => (parts[at] ?? []).filter(Boolean).join(', '));
  const { lines } = orderOf(texts[COUNTRY] ?? '');
  const written = lines.map((line) => {
    const own = line.filter((part) => texts[part] !== '');
    return own.map((part, at) => (at === 0 ? '' : separatorOf(own[at - 1], part)) + (texts[part] ?? '')).join('');
  });
  const found = written.filter((line) => line !== '');
  return found.length > 0 ? found : undefined;
}

/** Between code and town stands a space, between everything else a comma. */
function separatorOf(before: Part | undefined, part: Part): string {
  const pair = [before, part];
  return pair.includes(CODE) && (pair.includes(TOWN) || pair.includes(REGION)) ? ' ' : ', ';
}

/** Most of Europe: the code before the town. */
const COMMON: Order = {
  lines: [[BOX, EXTRA], [STREET], [CODE, TOWN], [REGION], [COUNTRY]],
  region: 'Region',
  code: 'Postal code',
};
const SHAPES: { of: string[]; order: Partial<Order> }[] = [
  { of: ['US', 'CA', 'AU'], order: { lines: [[STREET], [BOX, EXTRA], [TOWN, REGION, CODE], [COUNTRY]], region: 'State' } },
  { of: ['GB', 'IE', 'IN', 'NZ', 'ZA', 'SG'], order: { lines: [[BOX, EXTRA], [STREET], [TOWN], [REGION, CODE], [COUNTRY]] } },
  { of: ['CN', 'JP', 'KR', 'TW', 'HK'], order: { lines: [[COUNTRY], [CODE], [REGION, TOWN], [STREET], [BOX, EXTRA]] } },
  { of: ['BR', 'MX'], order: { lines: [[STREET], [BOX, EXTRA], [TOWN, REGION], [CODE], [COUNTRY]], region: 'State' } },
  { of: ['RU', 'UA', 'HU'], order: { lines: [[STREET], [BOX, EXTRA], [TOWN], [REGION], [CODE], [COUNTRY]] } },
];
/** Where the parts have names of their own. */
const NAMED: Record<string, Partial<Order>> = {
  US: { code: 'ZIP code' },
  CA: { region: 'Province' },
  GB: { region: 'County', code: 'Postcode' },
  IE: { region: 'County', code: 'Eircode' },
  IN: { region: 'State', code: 'PIN code' },
  CN: { region: 'Province' },
  JP: { region: 'Prefecture' },
  KR: { region: 'Province' },
};
/** Countries by the names that people write, in their own language and in English. */
const COUNTRIES: Record<string, string> = {
  'united states': 'US', 'united states of america': 'US', usa: 'US', 'u.s.a.': 'US', america: 'US',
  canada: 'CA', australia: 'AU', 'new zealand': 'NZ', 'south africa': 'ZA', singapore: 'SG', india: 'IN', भारत: 'IN',
  'united kingdom': 'GB', uk: 'GB', 'great britain': 'GB', england: 'GB', scotland: 'GB', wales: 'GB', ireland: 'IE', éire: 'IE',
  china: 'CN', 中国: 'CN', japan: 'JP', 日本: 'JP', korea: 'KR', 'south korea': 'KR', 대한민국: 'KR', taiwan: 'TW', 台灣: 'TW', 'hong kong': 'HK', 香港: 'HK',
  brazil: 'BR', brasil: 'BR', mexico: 'MX', méxico: 'MX',
  russia: 'RU', россия: 'RU', ukraine: 'UA', україна: 'UA', hungary: 'HU', magyarország: 'HU',
};
