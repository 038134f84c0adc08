/** What a card, a file or another device says is text, wherever it is drawn, and leads nowhere that could do harm. */
import { createRawSnippet, type Component } from 'svelte';
import { render } from 'svelte/server';
import { expect, test } from 'vitest';
import type { Account, Card, CardProperty, ContactRow, Held, Imported, ImportFailure, ImportLooked, InboxUpdate, Link, Status } from './api/types';
import AccountsPage from './accounts/AccountsPage.svelte';
import { Accounts } from './accounts/accounts.svelte';
import { mock } from './api/mock';
import { BirthdaysAhead } from './book/birthdays.svelte';
import BirthdaysPage from './book/BirthdaysPage.svelte';
import ContactItem from './book/ContactItem.svelte';
import { addressList, mailLink } from './book/mails';
import SeveralPane from './book/SeveralPane.svelte';
import Belongs from './card/Belongs.svelte';
import CardHead from './card/CardHead.svelte';
import NoteSlip from './card/NoteSlip.svelte';
import NotShown from './card/NotShown.svelte';
import PropertyRow from './card/PropertyRow.svelte';
import Provenance from './card/Provenance.svelte';
import Relatives from './card/Relatives.svelte';
import { Removing } from './devices/removing.svelte';
import RemoveSheet from './devices/RemoveSheet.svelte';
import { Comparison } from './duplicates/comparison.svelte';
import DuplicatesPage from './duplicates/DuplicatesPage.svelte';
import { Duplicates } from './duplicates/duplicates.svelte';
import MergeFields from './duplicates/MergeFields.svelte';
import { Editor } from './edit/editor.svelte';
import EditPane from './edit/EditPane.svelte';
import GroupNav from './groups/GroupNav.svelte';
import { fieldLabel, fieldText } from './card/fields';
import HeldItem from './held/HeldItem.svelte';
import Settled from './inbox/Settled.svelte';
import UpdateItem from './inbox/UpdateItem.svelte';
import { ActivityLog } from './people/activity.svelte';
import ActivityPage from './people/ActivityPage.svelte';
import LinkPanel from './people/LinkPanel.svelte';
import PeoplePage from './people/PeoplePage.svelte';
import { People } from './people/people.svelte';
import { Policies } from './people/policies.svelte';
import PolicyRows from './people/PolicyRows.svelte';
import { SafetyList } from './safety/safety.svelte';
import SafetyPage from './safety/SafetyPage.svelte';
import { Calls } from './sharing/calls.svelte';
import CallsPanel from './sharing/CallsPanel.svelte';
import ItemsPanel from './sharing/ItemsPanel.svelte';
import { Ledger } from './sharing/ledger.svelte';
import LedgerPage from './sharing/LedgerPage.svelte';
import { Mine } from './sharing/mine.svelte';
import { Sharing } from './sharing/sharing.svelte';
import StandingPanel from './sharing/StandingPanel.svelte';
import VisiblePanel from './sharing/VisiblePanel.svelte';
import WhoSheet from './sharing/WhoSheet.svelte';
import FileItem from './import/FileItem.svelte';
import Report from './import/Report.svelte';
import { Palette } from './palette/palette.svelte';
import PaletteSheet from './palette/PaletteSheet.svelte';
import Entries from './printing/Entries.svelte';
import Paper from './recovery/Paper.svelte';
import { Erasing } from './settings/erasing.svelte';
import EraseSheet from './settings/EraseSheet.svelte';
import RestoreSheet from './settings/RestoreSheet.svelte';
import { Restoring } from './settings/restoring.svelte';

const HOSTILE = [
  '<script>hacked()</script>',
  '"><img src=x onerror=hacked()>',
  "' onmouseover='hacked()' x='",
  '" onfocus="hacked()" autofocus="',
  '<svg/onload=hacked()>',
  '</textarea><iframe src=javascript:hacked()>',
  '{@html "<b>"}',
  'javascript:hacked()',
  'data:text/html,<script>hacked()</script>',
  '\u202Egnp.exe<a href=//x>',
];
const nothing = () => undefined;
const never = async () => undefined;

/** Draws a component and looks for anything that a text brought to life. */
function expectHarmless(component: Component<never>, props: object): void {
  const { body } = render(component as Component, { props: props as Record<string, unknown> });
  // Quoted attribute values are taken out first: in them even `<` is only text. What is left is markup.
  const markup = body.replaceAll(/="[^"]*"/g, '=""');
  expect(markup).not.toMatch(/<(script|iframe|object|embed|svg\/|a href=\/\/)/i);
  expect(markup).not.toMatch(/<[^>]*\s(onerror|onload|onmouseover|onfocus)[\s=>]/i);
  expect(markup).not.toMatch(/<img(?![^>]*class="")/i);
  // Links are looked for in tags only: in a text, `href="..."` is what somebody wrote.
  const tags = [...body.matchAll(/<[a-z][\w-]*((?:\s+[\w:-]+(?:="[^"]*")?)*)\s*\/?>/gi)].map(([, attributes]) => attributes ?? '');
  for (const [, link] of tags.join(' ').matchAll(/\s(?:href|src)="([^"]*)"/g))
    expect(link).toMatch(/^(https?:|mailto:|tel:|sms:|xmpp:|geo:|#|data:image\/)/);
}

const property = (name: string, text: string): CardProperty => ({
  id: text,
  name,
  group: '',
  label: text,
  params: { TYPE: [text] },
  value: text,
  parts: [[text]],
  text,
  layer: 'account',
  source: text,
  layers: [{ id: 'a', name: text }, { id: 'b', name: text }],
  hidden: false,
  changed_since_hidden: true,
  e164: text,
  time: text,
  device: text,
  path: text,
  others: [],
});
const NAMES = ['FN', 'TEL', 'EMAIL', 'URL', 'IMPP', 'ADR', 'BDAY', 'PRONOUNS', 'PHOTO', 'X-SOCIALPROFILE', 'SOURCE'];

test.each(HOSTILE)('a card says %s', (text) => {
  for (const name of [...NAMES, text]) {
    const one = property(name, text);
    const asked = { ...one, others: [{ value: text, text, removed: false, device: text, time: text }] };
    const row = { first: true, sourced: true, lit: false, later: false, onkeep: nothing, onboth: nothing, onlater: nothing, onhide: nothing, onhistory: nothing };
    expectHarmless(PropertyRow, { property: one, ...row });
    expectHarmless(PropertyRow, { property: asked, ...row });
    expectHarmless(Provenance, { property: one, readonly: false, onhide: nothing, onhistory: nothing });
    expectHarmless(NoteSlip, { note: one, lit: false, readonly: false, ondecide: nothing, onhide: nothing, onhistory: nothing });
    expectHarmless(NotShown, { properties: [{ ...one, hidden: true }], overridden: () => true, readonly: false, onshow: nothing, onuse: nothing, onhistory: nothing });
  }
  const properties = ['FN', 'TITLE', 'ORG', 'NICKNAME', 'PRONOUNS', 'TEL', 'EMAIL', 'PHOTO'].map((name) => property(name, text));
  const card: Card = { id: text, name: text, reading: text, organisation: false, me: false, favourite: true, trashed: false, trash_undecided: false, properties, groups: [], tags: [] };
  expectHarmless(CardHead, { card, lit: new Set() });
  const contact: ContactRow = { id: text, name: text, letter: text, detail: text, reading: text, organisation: false, undecided: 0, changed: text, favourite: true };
  const match = { id: text, name: [{ text, hit: true }], field: text, label: text, text: [{ text, hit: false }, { text, hit: true }] };
  expectHarmless(ContactItem, { row: contact, match, meant: () => [text], index: 0, total: 1, recent: true, trash: false, active: true, selected: false, onpress: nothing });
  expectHarmless(ContactItem, { row: contact, meant: () => [text], index: 0, total: 1, recent: true, trash: true, active: true, selected: false, onpress: nothing });
});

test.each(HOSTILE)('people, groups and the editor say %s', (text) => {
  const hub = mock({ contacts: 0 });
  const birthdays = new BirthdaysAhead(hub);
  birthdays.list = [{ id: text, name: text, organisation: true, date: '2026-12-14', days: 3, turns: 4 }];
  expectHarmless(BirthdaysPage, { birthdays, onsidebar: nothing, onopen: nothing });
  const relation = { id: text, name: text, property_id: text, label: text };
  expectHarmless(Relatives, { around: { household: [{ id: text, name: text, why: text }], related: [relation], named_by: [relation] }, onopen: nothing });
  const group = { id: text, name: text, count: 3 };
  for (const kind of ['group', 'tag'] as const) {
    expectHarmless(GroupNav, { kind, groups: [group], current: text, onshow: nothing, onadd: never, onput: nothing });
    expectHarmless(Belongs, { kind, mine: [group], all: [group], readonly: false, onput: nothing, ontake: nothing });
  }
  const doing = { onmerge: nothing, onput: nothing, ontake: nothing, onfavourite: nothing, onedit: nothing, onmail: nothing, oncopy: nothing, onexport: nothing, ontrash: nothing, onrestore: nothing, onclear: nothing };
  expectHarmless(SeveralPane, { count: 2, trash: false, groups: [group], tags: [group], inside: { kind: 'tag', id: text, name: text }, ...doing });
  const names = [...NAMES, 'N', 'NICKNAME', 'ORG', 'TITLE', 'NOTE', 'RELATED', 'ROLE', 'LANG', 'GENDER', 'X-ABDATE', 'X-KITH-CUSTOM', 'SORT-STRING'];
  const properties = names.map((name) => ({ ...property(name, text), id: name, parts: Array.from({ length: 7 }, () => [text]) }));
  const card: Card = { id: text, name: text, reading: text, organisation: false, me: false, favourite: false, trashed: false, trash_undecided: false, properties, groups: [], tags: [] };
  const editor = new Editor(hub, card);
  editor.meanwhile = text;
  editor.error = { code: 'internal', message: text };
  expectHarmless(EditPane, { editor, region: text, ondone: nothing, oncancel: nothing, onundo: nothing, onremoved: nothing });
  expect(mailLink([{ id: text, name: text, mail: `${text}@x.example` }])).toMatch(/^mailto:[^"<>\s?&]*$/);
  expect(addressList([{ id: text, name: `${text}\r\n`, mail: 'a@x.example' }])).not.toMatch(/[\r\n]/);
});

test.each(HOSTILE)('a file says %s', (text) => {
  const file = { file: text, format: text, dialect: text, charset: text, cards: 1 };
  const look: ImportLooked = { file: { ...file, format: 'csv' }, columns: [{ column: 1, name: text, field: text, samples: [text] }], fields: [{ field: text, label: text }] };
  expectHarmless(FileItem, { chosen: { file: { name: text }, look }, oncharset: nothing, oncolumn: nothing, ondrop: nothing });
  expectHarmless(FileItem, { chosen: { file: { name: text }, error: { code: 'internal', message: text } }, oncharset: nothing, oncolumn: nothing, ondrop: nothing });
  const report: Imported & { notes: ImportFailure[] } = {
    added: 1, updated: 0, unchanged: 0, files: [file, file],
    failed: [{ file: text, line: 1, reason: text }],
    notes: [{ file: text, line: 1, reason: text }],
    stopped: false,
    rows: [{ file: text, line: 1, name: text, action: text, id: text }],
  };
  expectHarmless(Report, { report, done: false });
  const held: Held = { id: text, what: text, count: 3, time: text, names: [text, text] };
  expectHarmless(HeldItem, { held, onapply: nothing, ondiscard: nothing });
  const change = { property_id: text, name: text, old: text, new: text, from: text, identity: true, torn: true };
  const update: InboxUpdate = { id: text, person_id: text, name: text, kind: 'card', item: text, time: text, changes: [change, { ...change, property_id: `${text}.` }], state: text, until: text, first: true,
    candidates: [{ contact_id: text, name: text, why: text }], lookalikes: [{ id: text, name: text }] };
  const words = { labelOf: fieldLabel, textOf: fieldText };
  expectHarmless(UpdateItem, { update, words, onaccept: nothing, onlater: nothing, onrefuse: nothing, onblock: nothing, onattach: nothing });
  expectHarmless(Settled, { later: [{ ...update, state: 'later' }], settled: [update], labelOf: words.labelOf, onaccept: nothing, onundo: nothing });
  const people = new People(mock({ contacts: 0 }));
  const link: Link = {
    person_id: text, name: text, own_name: text, contact_id: text, verified: false, verified_by: text, household: true, blocked: false, muted: true,
    state: 'linked', path: text, devices: 1, candidates: [{ contact_id: text, name: text, why: text }], lookalikes: [{ id: text, name: text }],
  };
  people.all = { links: [link], invitations: [], waiting: [] };
  people.invited = { id: text, link: text, qr: text, expires: text, shown: text.length % 2 === 0 };
  const page = { onsidebar: nothing, onopen: nothing, oninvite: nothing, oncancel: nothing, onaccept: async () => text, onverify: nothing, onremove: nothing, onattach: nothing };
  expectHarmless(PeoplePage, { people, ...page });
  const policies = new Policies(mock({ contacts: 0 }));
  policies.rows = [{ policy: text, person_id: text }, { policy: text, person_id: text, field: text }];
  expectHarmless(LinkPanel, { link, policies, labelOf: words.labelOf, onask: nothing, onmute: nothing, onhousehold: nothing, onblock: nothing, onend: nothing, updates: [], onaccept: never });
  expectHarmless(PolicyRows, { policies, person: { id: text, name: text }, labelOf: words.labelOf, updates: [], onaccept: never });
  const calls = new Calls(mock({ contacts: 0 }));
  calls.watched = [text];
  calls.said = text;
  expectHarmless(CallsPanel, { calls, onstop: never });
  const sharing = new Sharing(mock({ contacts: 0 }));
  sharing.preview = {
    recipients: [{ contact_id: text, person_id: text, name: text, why: text, fields: [text], news: [change], version: 1 }],
    unreachable: [{ contact_id: text, name: text, mail: text }], freshness: {},
  };
  sharing.audience = { ...sharing.audience, everyone: false, contacts: [text], except: [text], min_interactions: 1 };
  sharing.letter = { contact: text, subject: text, message: text, vcard: text, link: text };
  expectHarmless(WhoSheet, { sharing, groups: [{ id: text, name: text, count: 1 }], tags: [], words, onsend: nothing, onclose: nothing });

  const labelOf = words.labelOf;
  const tabs = createRawSnippet(() => ({ render: () => '<i></i>' }));
  const ledger = new Ledger(mock({ contacts: 0 }));
  ledger.all = [{ person: text, contact: text, name: text, fields: [text], sent: [{ id: text, item: text, version: 1, state: text, waits: true, text }] }];
  expectHarmless(LedgerPage, { ledger, tabs, labelOf, onsidebar: nothing, onopen: nothing, onknow: nothing });
  const log = new ActivityLog(mock({ contacts: 0 }));
  log.entries = [{ time: text, contact_id: text, name: text, text }, { time: text, name: text, text: `TEL: ${text}` }];
  expectHarmless(ActivityPage, { log, tabs, words, onsidebar: nothing, onopen: nothing });
  const safety = new SafetyList(mock({ contacts: 0 }));
  safety.all = ['device', 'person', text].map((kind) => ({ kind, id: text, name: text, sees: text, changes: text, fields: [text], remedy: text }));
  expectHarmless(SafetyPage, { safety, labelOf, onsidebar: nothing, ondevice: nothing, onend: nothing });
  const mine = new Mine(mock({ contacts: 0 }));
  const shared = [{ property_id: text, name: text, visible: [[text]], from: text, former: [{ text, value: text, until: text }] }];
  mine.card = {
    id: text, name: text, reading: text, organisation: false, me: true, favourite: false, trashed: false, trash_undecided: false, groups: [], tags: [],
    properties: [property('NOTE', text)], shared, when: text, standing: { ...sharing.audience, groups: [text] },
  };
  const item = { id: text, name: text, kind: text, version: 1, text };
  mine.items = { items: [item], received: [{ ...item, person_id: text, person_name: text }] };
  expectHarmless(VisiblePanel, { mine, groups: [{ id: text, name: text, count: 1 }], tags: [], nameOf: () => text, onshow: nothing, onfrom: nothing, onwithdraw: nothing });
  expectHarmless(StandingPanel, { mine, groups: [{ id: text, name: text }], tags: [], onknow: nothing, onstop: nothing, onleave: nothing });
  expectHarmless(ItemsPanel, { mine, onadd: async () => true, onremove: nothing, onknow: nothing });
});

test.each(HOSTILE)('an account and a pair say %s', (text) => {
  const hub = mock({ contacts: 0 });
  const accounts = new Accounts(hub);
  const account: Account = { id: text, kind: 'file', name: text, path: text, state: 'failed', message: text, last_sync: text, contacts: 1 };
  accounts.list = [account, { ...account, state: text }];
  accounts.last = { id: text, added: 0, updated: 0, unchanged: 0, removed: 0, failed: [{ file: text, line: 1, reason: text }] };
  expectHarmless(AccountsPage, { accounts, onsidebar: nothing, onadd: async () => true, onsync: nothing, onremove: nothing });

  const words = { labelOf: (_: string, label: string) => label, textOf: (_: string, said: string) => said };
  const comparison = new Comparison(hub, { id: 'a', name: text }, { id: 'b', name: text });
  const field = { field: text, name: text, label: text, a: text, b: text, keep: 'both', single: false, differs: true };
  comparison.result = { id: 'a', fields: [field, { ...field, field: '1', a: '', keep: 'b' }, { ...field, field: '2', differs: false }] };
  expectHarmless(MergeFields, { comparison, words });
  expectHarmless(MergeFields, { comparison, words, onopen: nothing });
  const duplicates = new Duplicates(hub);
  duplicates.pairs = [{ a: text, b: 'b', a_name: text, b_name: `${text}.`, why: text, score: 90 }];
  duplicates.open = comparison;
  expectHarmless(DuplicatesPage, { duplicates, words, onsidebar: nothing, onopen: nothing, onmerge: never, onapart: never });
});

test.each(HOSTILE)('a device or a sheet says %s', (text) => {
  const device = { id: text, name: text, last_seen: text, version: '', platform: text, this: false, path: text, behind: 0 };
  const removing = new Removing(mock({ contacts: 0 }), device, true);
  expectHarmless(RemoveSheet, { removing, onrun: never, onclose: nothing });
  const named = { id: text, name: text };
  const revoked = { device_id: text, name: text, removed: [named], kept: [named], recovery_due: true };
  const finder = { contacts: 1, as_of: text, behind: 0, keys: text, message: text };
  removing.revoked = revoked;
  removing.report = { ...revoked, renewed: [{ what: text, done: false, message: text }], finder };
  expectHarmless(RemoveSheet, { removing, onrun: never, onclose: nothing });
  expectHarmless(Paper, { paper: { person: named, groups: [text], qr: text, date: text }, onclose: nothing });
});

/** Ways out of where a text stands, times what is tried behind them, times how it is spelled. */
const WAYS_OUT = ['', '">', "'>", '</p>', '</textarea>', '</title>', '</style>', '-->', ']]>', '`', '\\', '{{', '${', '\u202E', '\0', '\r\n', '&quot;&gt;'];
const TRIES = [
  '<script>hacked()</script>', '<img src=x onerror=hacked()>', '<svg/onload=hacked()>', '<iframe srcdoc="<script>hacked()</script>">',
  '<a href="javascript:hacked()">x</a>', '<math><mi//xlink:href="data:x,<script>hacked()</script>">', '<details open ontoggle=hacked()>',
  '<style>*{background:url(//x)}</style>', '<base href=//x>', '<object data=javascript:hacked()>', ' onmouseover=hacked() x=', 'javascript:hacked()//',
];
const SPELLED: ((text: string) => string)[] = [
  (text) => text,
  (text) => text.toUpperCase(),
  (text) => text.replaceAll('<', '\uFF1C').replaceAll('>', '\uFF1E'),
];
/** Texts that only look odd, and must come out as they are. */
const ODD = ['', ' ', '\u200B', '\uFEFF', 'Ṱ̺̺̕o͞ ̷i̲̬', '田中さん', '👩‍👩‍👦', '﷽', 'ﷺ', '‮txet', '\uD800', '%s%n', '1;DROP TABLE', '../../etc/passwd', 'undefined', 'NaN', '0x0', 'null', '𝕿𝖍𝖊', 'ﬀ', 'x'.repeat(5_000)];
const MANY = [...WAYS_OUT.flatMap((out) => TRIES.flatMap((text) => SPELLED.map((spell) => spell(out + text)))), ...ODD];

test('six hundred texts more are drawn as text, each in a field, a row, a head and the editor', () => {
  expect(MANY.length).toBeGreaterThan(615);
  const hub = mock({ contacts: 0 });
  MANY.forEach((text, at) => {
    const name = NAMES[at % NAMES.length] ?? 'NOTE';
    const one = property(name, text);
    const row = { first: true, sourced: true, lit: false, later: false, onkeep: nothing, onboth: nothing, onlater: nothing, onhide: nothing, onhistory: nothing };
    expectHarmless(PropertyRow, { property: one, relation: { id: text, name: text, property_id: text, label: text }, onopen: nothing, ...row });
    expectHarmless(PropertyRow, { property: { ...one, others: [{ value: text, text, removed: false, device: text, time: text }] }, ...row });
    const contact: ContactRow = { id: text, name: text, letter: text, detail: text, reading: text, organisation: false, undecided: 0, changed: text, favourite: true };
    const match = { id: text, name: [{ text, hit: true }], field: text, label: text, text: [{ text, hit: true }] };
    expectHarmless(ContactItem, { row: contact, match, meant: () => [text], index: 0, total: 1, recent: true, trash: true, active: true, selected: false, onpress: nothing });
    const properties = ['FN', 'TITLE', 'ORG', 'TEL', 'EMAIL', 'PHOTO', name].map((own, nth) => ({ ...property(own, text), id: String(nth) }));
    const card: Card = { id: text, name: text, reading: text, organisation: false, me: false, favourite: false, trashed: false, trash_undecided: false, properties, groups: [], tags: [] };
    expectHarmless(CardHead, { card, lit: new Set() });
    if (at % 8 === 0) expectHarmless(EditPane, { editor: new Editor(hub, card), region: text, ondone: nothing, oncancel: nothing, onundo: nothing, onremoved: nothing });
  });
}, 60_000);

test.each(HOSTILE)('what is printed, chosen, brought back or erased says %s', (text) => {
  const hub = mock({ contacts: 0 });
  const entry = { id: text, name: text, reading: text, work: text, rows: [{ id: text, name: 'NOTE', label: text, lines: [text, text] }] };
  for (const style of ['list', 'cards'] as const) expectHarmless(Entries, { title: text, style, entries: [entry], count: 1 });
  const palette = new Palette(hub, [{ id: text, name: text, count: 1 }], [{ id: `${text}.`, name: text, count: 1 }], () => true);
  palette.typed = text;
  palette.people = [{ id: text, name: text, letter: text, detail: text, reading: text, organisation: false, undecided: 0, changed: text, favourite: false }];
  expect(palette.choices.length).toBeGreaterThanOrEqual(3);
  expectHarmless(PaletteSheet, { palette, onchoose: nothing, onclose: nothing });
  const restoring = new Restoring(hub, { id: text, time: text, bytes: 1, path: text, own: true });
  const fields = [{ name: text, old: text, new: text }];
  restoring.preview = { added: 1, changed: 1, removed: 1, newer: 1, time: text, devices: [], contacts: ['added', 'changed', 'newer'].map((what) => ({ id: text + what, name: text, what, fields })) };
  const words = { labelOf: (name: string) => name, textOf: (_: string, said: string) => said };
  expectHarmless(RestoreSheet, { restoring, words, onrun: nothing, onclose: nothing });
  const named = { id: text, name: text };
  const status: Status = {
    device: named, person: named, keys: text, keys_sealed: false, recovery_due: false, book: { contacts: 1, version: text, hash: text, trash: 0, undecided: 0, favourites: 0 },
    peers: [{ device_id: text, name: text, path: text, behind: 0 }], outbox: 0, inbox: 0, network: text, held: 0, backup: { last: text, changed: true },
  };
  const erasing = new Erasing(hub, status, text);
  erasing.error = { code: 'internal', message: text };
  expectHarmless(EraseSheet, { erasing, onclose: nothing });
  expectHarmless(EraseSheet, { erasing: new Erasing(hub, { ...status, peers: [] }, text), onclose: nothing });
});

test('nothing in the window is drawn from text as markup', () => {
  const sources = import.meta.glob<string>('./**/*.{svelte,ts}', { query: '?raw', import: 'default', eager: true });
  const offenders = Object.entries(sources).filter(
    ([path, source]) => !path.endsWith('.test.ts') && /\{@html|innerHTML|outerHTML|insertAdjacentHTML|document\.write/.test(source),
  );
  expect(Object.keys(sources).length).toBeGreaterThan(60);
  expect(offenders.map(([path]) => path)).toEqual([]);
});
