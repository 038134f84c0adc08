/** The regions and languages to choose from, by the names that the system gives them. */

/** Names in English, as the window speaks it. */
const regionNames = new Intl.DisplayNames('en', { type: 'region', fallback: 'code' });
const languageNames = new Intl.DisplayNames('en', { type: 'language', fallback: 'code' });

export interface Choice {
  value: string;
  text: string;
}

/** A region by name, e.g. `Germany` for `DE`; the code itself if it is none. */
export function regionName(code: string): string {
  try {
    return regionNames.of(code) ?? code;
  } catch {
    return code;
  }
}

export function languageName(tag: string): string {
  try {
    return languageNames.of(tag) ?? tag;
  } catch {
    return tag;
  }
}

const byText = (a: Choice, b: Choice): number => a.text.localeCompare(b.text, 'en');

/** Every region, by name; one that is set but unknown is among them. */
export function regions(set = ''): Choice[] {
  const codes = set === '' || REGIONS.includes(set) ? REGIONS : [...REGIONS, set];
  return [{ value: '', text: 'not said' }, ...codes.map((value) => ({ value, text: regionName(value) })).sort(byText)];
}

/** Every language to sort by, by name; one that is set but unknown is among them. */
export function languages(set = ''): Choice[] {
  const tags = set === '' || LANGUAGES.includes(set) ? LANGUAGES : [...LANGUAGES, set];
  return [
    { value: '', text: 'one that suits all' },
    ...tags.map((value) => ({ value, text: languageName(value) })).sort(byText),
  ];
}

/** Regions with telephone numbers of their own (ISO 3166-1 alpha-2). */
const REGIONS = (
  'AC AD AE AF AG AI AL AM AO AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BW BY BZ CA CC CD CF ' +
  'CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG ' +
  'GH GI GL GM GN GP GQ GR GT GU GW GY HK HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW ' +
  'KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF ' +
  'NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM ' +
  'SN SO SR SS ST SV SX SY SZ TA TC TD TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG US UY UZ VA VC VE VG VI VN VU WF WS XK ' +
  'YE YT ZA ZM ZW'
).split(' ');

/** Languages whose alphabet has an order of its own. */
const LANGUAGES = (
  'af ar az be bg bs ca cs cy da de el en es et eu fa fi fil fo fr ga gl he hi hr hu hy id is it ja ka kk ko lt lv mk ms nb ' +
  'nl nn pl pt ro ru sk sl sq sr sv th tr uk ur uz vi zh'
).split(' ');
