/** What a card, a file or another device says is text, wherever it is drawn, and leads nowhere that could do harm. */
import type { Component } from 'svelte';
import { render } from 'svelte/server';
import { expect, test } from 'vitest';
import type { Account, Card, CardProperty, ContactRow, Held, Imported, ImportFailure, ImportLooked } from './api/types';
import AccountsPage from './accounts/AccountsPage.svelte';
import { Accounts } from './accounts/accounts.svelte';
import { mock } from './api/mock';
import ContactItem from './book/ContactItem.svelte';
import CardHead from './card/CardHead.svelte';
import NoteSlip from './card/NoteSlip.svelte';
import NotShown from './card/NotShown.svelte';
import PropertyRow from './card/PropertyRow.svelte';
import Provenance from './card/Provenance.svelte';
import { Removing } from './devices/removing.svelte';
import RemoveSheet from './devices/RemoveSheet.svelte';
import { Comparison } from './duplicates/comparison.svelte';
import DuplicatesPage from './duplicates/DuplicatesPage.svelte';
import { Duplicates } from './duplicates/duplicates.svelte';
import MergeFields from './duplicates/MergeFields.svelte';
import HeldItem from './held/HeldItem.svelte';
import FileItem from './import/FileItem.svelte';
import Report from './import/Report.svelte';
import Paper from './recovery/Paper.svelte';

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
  for (const [, link] of body.matchAll(/\s(?:href|src)="([^"]*)"/g))
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
  const card: Card = { id: text, name: text, reading: text, organisation: false, me: false, trashed: false, trash_undecided: false, properties, groups: [], tags: [] };
  expectHarmless(CardHead, { card, lit: new Set() });
  const contact: ContactRow = { id: text, name: text, letter: text, detail: text, reading: text, organisation: false, undecided: 0, changed: text };
  expectHarmless(ContactItem, { row: contact, index: 0, total: 1, recent: true, trash: true, active: true, selected: false, onpress: nothing });
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
    rows: [{ file: text, line: 1, name: text, action: text, id: text }],
  };
  expectHarmless(Report, { report, done: false });
  const held: Held = { id: text, what: text, count: 3, time: text, names: [text, text] };
  expectHarmless(HeldItem, { held, onapply: nothing, ondiscard: nothing });
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

test('nothing in the window is drawn from text as markup', () => {
  const sources = import.meta.glob<string>('./**/*.{svelte,ts}', { query: '?raw', import: 'default', eager: true });
  const offenders = Object.entries(sources).filter(
    ([path, source]) => !path.endsWith('.test.ts') && /\{@html|innerHTML|outerHTML|insertAdjacentHTML|document\.write/.test(source),
  );
  expect(Object.keys(sources).length).toBeGreaterThan(60);
  expect(offenders.map(([path]) => path)).toEqual([]);
});
