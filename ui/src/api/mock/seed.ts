/** People for the hub in memory: enough of every kind to look at, and as many more as wanted. */

export interface SeedProperty {
  name: string;
  parts: string[][];
  type?: string;
  label?: string;
  device?: string;
  path?: string;
  daysAgo?: number;
  /** The accounts that say it. */
  accounts?: string[];
  /** I say it as well as the accounts. */
  mineToo?: boolean;
  hidden?: boolean;
  /** I hid another value of it before. */
  changed?: boolean;
  others?: { parts: string[][]; removed?: boolean; device: string; daysAgo: number }[];
}

export interface SeedContact {
  name: string;
  reading?: string;
  organisation?: boolean;
  favourite?: boolean;
  groups?: string[];
  tags?: string[];
  trashed?: boolean;
  trashUndecided?: boolean;
  properties: SeedProperty[];
}

const text = (name: string, value: string, more: Partial<SeedProperty> = {}): SeedProperty => ({ name, parts: [[value]], ...more });
const person = (family: string, given: string): SeedProperty => ({ name: 'N', parts: [[family], [given], [''], [''], ['']] });
const studio = { device: 'Studio PC', path: 'lan' };

/** People drawn by hand: every state of a card is among them. */
export const PEOPLE: SeedContact[] = [
  {
    name: 'Dora Kovács',
    favourite: true,
    groups: ['Choir', 'Family'],
    tags: ['climbing'],
    properties: [
      person('Kovács', 'Dora'),
      text('TITLE', 'Veterinarian'),
      { name: 'ORG', parts: [['Harbour Animal Clinic'], ['Small animals']] },
      text('NICKNAME', 'Dodi', { daysAgo: 40 }),
      text('PRONOUNS', 'she/her', { daysAgo: 40 }),
      text('TEL', '+351 912 555 014', { type: 'cell', ...studio, daysAgo: 4, mineToo: true, accounts: ['Phone export'] }),
      text('TEL', '+351 22 555 0148', {
        type: 'work', device: 'Phone', path: 'lan', daysAgo: 5,
        others: [{ parts: [['+351 22 555 0184']], device: 'Studio PC', daysAgo: 5 }],
      }),
      text('TEL', '+351 22 555 0190', { type: 'home', daysAgo: 190 }),
      text('EMAIL', 'dora@kovacs.example', { type: 'home', daysAgo: 190 }),
      text('EMAIL', 'd.kovacs@harbourclinic.example', { type: 'work', ...studio, daysAgo: 260 }),
      { name: 'ADR', type: 'home', daysAgo: 190, parts: [[''], [''], ['Rua das Oliveiras 12, 3.º'], ['Porto'], [''], ['4000-001'], ['Portugal']] },
      text('EMAIL', 'dora.k@choir.example', { type: 'work', accounts: ['Choir list'], daysAgo: 12, changed: true }),
      text('BDAY', '--1214', { daysAgo: 400 }),
      text('BDAY', '19841214', { accounts: ['Phone export'], daysAgo: 90, hidden: true }),
      text('TEL', '+351 22 555 0100', { type: 'work', accounts: ['Choir list'], daysAgo: 60, hidden: true }),
      text('URL', 'https://kovacs.example/', { daysAgo: 190 }),
      text('RELATED', 'Lili Kovács', { type: 'child', daysAgo: 190 }),
      text('X-SIGNAL', '@dodi.82', { daysAgo: 30 }),
      text('NOTE', 'Met on the night ferry. Texts, never calls, before ten. No peanuts for Lili. Owes me a book about bees.', { daysAgo: 8 }),
    ],
  },
  {
    name: 'Dora Kovacs', groups: ['Choir'],
    properties: [person('Kovacs', 'Dora'), text('ORG', 'Harbour Animal Clinic'), text('TEL', '+351912555014', { type: 'cell' }), text('EMAIL', 'dora@kovacs.example', { type: 'home' }), text('BDAY', '19841214'), text('NOTE', 'Soprano since March.')],
  },
  { name: 'Bruno A. Tavares', properties: [person('Tavares', 'Bruno'), text('EMAIL', 'bruno@tavares.example', { type: 'home' }), text('TEL', '+351 933 555 021', { type: 'cell' })] },
  { name: 'Lili Kovács', groups: ['Family'], properties: [person('Kovács', 'Lili'), text('TEL', '+351 22 555 0190', { type: 'home' })] },
  { name: 'Amara Okafor', groups: ['Work'], properties: [person('Okafor', 'Amara'), text('ORG', 'Okafor and Dias, architects'), text('TEL', '+44 20 7946 0112', { type: 'work' }), text('EMAIL', 'amara@okaforanddias.example', { type: 'work' })] },
  { name: 'Aoife Brennan', favourite: true, groups: ['Choir'], properties: [person('Brennan', 'Aoife'), text('TEL', '+353 85 555 0133', { type: 'cell' }), text('NOTE', 'Choir, alto. Brings the scores.')] },
  {
    name: '白晓雯', reading: 'Bai Xiaowen', tags: ['上海'], groups: ['Work'],
    properties: [person('白', '晓雯'), text('ORG', 'Harbour Labs'), text('NICKNAME', 'Wen'), text('TEL', '+86 138 5550 0142', { type: 'cell' }), text('TEL', '+86 571 5555 0107', { label: '妈妈家' }), text('EMAIL', 'xiaowen@harbourlabs.example', { type: 'work' }), text('BDAY', '--0909'), text('NOTE', 'Shared the corner desk for two winters. 生日喜欢花，不要蛋糕。')],
  },
  {
    name: 'Bruno Tavares', groups: ['Allotment'],
    properties: [
      person('Tavares', 'Bruno'), text('TEL', '+351 933 555 021', { type: 'cell' }), text('EMAIL', 'bruno@tavares.example', { type: 'home' }),
      { name: 'ADR', type: 'home', parts: [[''], [''], ['Travessa do Cais 4'], ['Porto'], [''], ['4050-100'], ['Portugal']], device: 'Phone', path: 'lan', daysAgo: 1, others: [{ parts: [], removed: true, device: 'Studio PC', daysAgo: 1 }] },
      text('BDAY', '19790302', { daysAgo: 1, others: [{ parts: [['19790203']], device: 'Studio PC', daysAgo: 1 }] }),
    ],
  },
  { name: 'Camille Roche', properties: [person('Roche', 'Camille'), text('TEL', '+33 6 55 55 01 77', { type: 'cell' }), text('NOTE', 'Moved to Lyon in May')] },
  { name: '陈立', reading: 'Chen Li', tags: ['上海', 'climbing'], properties: [person('陈', '立'), text('TEL', '+86 139 5550 0161', { type: 'cell' })] },
  { name: 'Daniel Osei', tags: ['school run'], properties: [person('Osei', 'Daniel'), text('TEL', '+44 7700 900 188', { type: 'cell' }), text('EMAIL', 'daniel.osei@mail.example', { type: 'home' })] },
  { name: '段小雨', reading: 'Duan Xiaoyu', properties: [person('段', '小雨'), text('NOTE', 'Violin, Thursdays'), text('TEL', '+86 137 5550 0199', { type: 'cell' })] },
  { name: 'Elm Street Surgery', organisation: true, properties: [text('ORG', 'Elm Street Surgery'), text('TEL', '+44 20 7946 0900', { type: 'work' }), text('NOTE', 'Open until 18:00'), { name: 'ADR', type: 'work', parts: [[''], [''], ['Elm Street 40'], ['Bristol'], [''], ['BS2 8HW'], ['United Kingdom']] }] },
  { name: 'Emre Aydın', groups: ['Work'], properties: [person('Aydın', 'Emre'), text('ORG', 'Print room'), text('EMAIL', 'emre@work.example', { type: 'work' })] },
  { name: '冯一诺', reading: 'Feng Yinuo', groups: ['Allotment'], properties: [person('冯', '一诺'), text('TEL', '+86 136 5550 0170', { type: 'cell' })] },
  { name: 'Hana Sato', groups: ['Family'], properties: [person('Sato', 'Hana'), text('EMAIL', 'hana@sato.example', { type: 'home' }), text('BDAY', '19880604')] },
  { name: 'Lucía Ferrer', properties: [person('Ferrer', 'Lucía'), text('TEL', '+34 655 550 021', { type: 'cell' })] },
  { name: 'Old plumber', trashed: true, properties: [text('TEL', '+44 117 496 0033', { type: 'work' })] },
  { name: 'Pieter de Vries', trashed: true, trashUndecided: true, properties: [person('de Vries', 'Pieter'), text('EMAIL', 'pieter@devries.example', { type: 'home', ...studio, daysAgo: 0 })] },
];

const GIVEN = ['Anna', 'Ben', 'Clara', 'David', 'Elin', 'Farid', 'Greta', 'Hugo', 'Ines', 'Jonas', 'Kofi', 'Lena', 'Mateo', 'Nadia', 'Oskar', 'Priya', 'Rosa', 'Samir', 'Tove', 'Ursula', 'Viktor', 'Wanda', 'Yara', 'Zoltán'];
const FAMILY = ['Abel', 'Berg', 'Costa', 'Dahl', 'Eriksen', 'Fischer', 'Garcia', 'Holm', 'Ivanova', 'Jensen', 'Keller', 'Lindgren', 'Moreau', 'Nowak', 'Olsen', 'Petrov', 'Quist', 'Rossi', 'Schmidt', 'Torres', 'Ueda', 'Vogel', 'Weber', 'Young', 'Zimmer'];
const DETAIL = ['Harbour Labs', 'School run', 'Choir, tenor', 'Allotment, plot 9', 'Print room', 'Tidewater Maps'];

/** The rest of a book, by number. */
export function stranger(at: number): SeedContact {
  const given = GIVEN[at % GIVEN.length] ?? '';
  const family = `${FAMILY[Math.floor(at / GIVEN.length) % FAMILY.length] ?? ''}${at >= 600 ? ` ${Math.floor(at / 600)}` : ''}`;
  const number = `+44 7700 9${String(at % 100_000).padStart(5, '0')}`;
  return {
    name: `${given} ${family}`,
    properties: [person(family, given), text('ORG', DETAIL[at % DETAIL.length] ?? ''), text('TEL', number, { type: 'cell' })],
  };
}
