/** What others send to the hub in memory: what waits, what becomes of it, by which policies, and when it is told. */
import type { Answer, Name, Request } from '../client';
import type { Card, Event, FieldChange, InboxUpdate, Link, Notify, PolicyRow, SettledUpdate } from '../types';
import { refuse } from './refuse';

type Some = Extract<Name, `inbox.${string}` | `policy.${string}` | `notify.${string}`>;
export type ReceivingHandlers = { [N in Some]: (args: Request<N>) => Answer<N> };

interface Around {
  links: Link[];
  cardOf: (id: string) => Card;
  edit: (id: string, set: Request<'me.edit'>['set'], unset: string[]) => void;
  emit: (event: Event) => void;
  freshId: () => string;
}

const HOUR_MS = 3_600_000;
const UNITS: Record<string, number> = { s: 1_000, m: 60_000, h: HOUR_MS, d: 24 * HOUR_MS, w: 168 * HOUR_MS };

export function receiving({ links, cardOf, edit, emit, freshId }: Around): { handlers: ReceivingHandlers; inbox: () => number; begin: () => void } {
  const inbox: InboxUpdate[] = [];
  const settled: SettledUpdate[] = [];
  const back = new Map<string, () => void>();
  const policies: PolicyRow[] = [];
  let tell = false;
  let notify: Notify = { quiet: '', quiet_now: false, metered: 'auto', network: 'unmetered', waits: false };
  const before = (hours: number) => new Date(Date.now() - hours * HOUR_MS).toISOString();
  const changed = (name: string, old: string | undefined, fresh: string, identity = false): FieldChange => ({
    property_id: freshId(), name, ...(old !== undefined && { old }), new: fresh, identity, torn: false,
  });

  /** One asks to change two fields, one is new and looks like somebody known, one was put off, one was taken by itself. */
  function begin(): void {
    const [first, , third, fourth, fifth] = links;
    const from = (link: Link, hours: number) => ({ id: freshId(), person_id: link.person_id, ...(link.contact_id !== undefined && { contact_id: link.contact_id }), name: link.name, kind: 'card', item: '', time: before(hours) });
    const open = { state: 'waiting', first: false, candidates: [], lookalikes: [] };
    if (third) inbox.push({ ...from(third, 2), ...open, changes: [changed('TEL', '+46 70 555 02 12', '+46 70 555 09 12'), changed('FN', third.name, `${third.name} Lind`, true)] });
    if (fourth) inbox.push({ ...from(fourth, 5), ...open, first: true, changes: [changed('TEL', undefined, '+46 70 555 07 01')], lookalikes: first ? [{ id: first.contact_id ?? '', name: first.name }] : [] });
    if (fifth) inbox.push({ ...from(fifth, 30), ...open, state: 'later', until: new Date(Date.now() + 20 * HOUR_MS).toISOString(), changes: [changed('ORG', 'Ferry Line', 'Tidewater Maps')] });
    if (first) settled.push({ ...from(first, 3), state: 'automatic', changes: [changed('EMAIL', 'old@example.org', 'new@example.org')] });
  }

  const update = (id: string): InboxUpdate => inbox.find((other) => other.id === id) ?? refuse('not_found', 'There is no such update any more.');

  function settle(id: string, state: string): Answer<'inbox.accept'> {
    const found = update(id);
    inbox.splice(inbox.indexOf(found), 1);
    if (state === 'accepted') settled.unshift({ ...found, state });
    emit({ kind: 'inbox_changed' });
    return { id, count: found.changes.length, state };
  }

  /** Takes changes into the contact. Fields of which a card has one more than another are all the same to this hub. */
  function take(id: string, fields: string[]): void {
    const { contact_id, changes } = update(id);
    if (contact_id === undefined) return;
    const undo: (() => void)[] = [];
    for (const change of changes.filter(({ property_id, name }) => fields.length === 0 || fields.includes(property_id) || fields.includes(name))) {
      if (change.new === undefined) continue;
      const old = cardOf(contact_id).properties.find(({ name }) => name === change.name);
      const set = { add: !old, name: change.name, ...(old && { property_id: old.id }) };
      edit(contact_id, [{ ...set, value: change.new }], []);
      if (old) undo.push(() => edit(contact_id, [{ ...set, value: old.value }], []));
    }
    back.set(id, () => undo.forEach((one) => one()));
  }

  const all = (): Answer<'policy.show'> => ({ policies: policies.map((row) => ({ ...row })), tell });

  const handlers: ReceivingHandlers = {
    'inbox.list': () => ({ updates: inbox.map((one) => ({ ...one })), settled: settled.map((one) => ({ ...one })) }),
    'inbox.accept': ({ id, fields }) => (take(id, fields), settle(id, 'accepted')),
    'inbox.refuse': ({ id }) => settle(id, 'refused'),
    'inbox.later': ({ id, for: wait = '1d' }) => {
      const [, count, unit] = /^(\d{1,6})([smhdw])$/.exec(wait) ?? refuse('bad_request', 'Say how long: 30m, 8h, 1d or 2w.');
      const until = new Date(Date.now() + Number(count) * (UNITS[unit ?? ''] ?? 0)).toISOString();
      Object.assign(update(id), { state: 'later', until });
      emit({ kind: 'inbox_changed' });
      return { id, count: 0, state: 'later', until };
    },
    'inbox.undo': ({ id }) => {
      const at = settled.findIndex((one) => one.id === id);
      const [found] = at < 0 ? [] : settled.splice(at, 1);
      if (!found) return refuse('nothing_to_undo', 'Nothing of this update was accepted.');
      back.get(id)?.();
      back.delete(id);
      emit({ kind: 'inbox_changed' });
      return { id, count: found.changes.length, state: 'refused' };
    },
    'policy.set': ({ policy, person: who, field }) => {
      const at = policies.findIndex((row) => row.person_id === who && row.field === field);
      if (at >= 0) policies.splice(at, 1);
      if (policy !== '') policies.push({ policy, ...(who !== undefined && { person_id: who }), ...(field !== undefined && { field }) });
      emit(who === undefined ? { kind: 'settings_changed' } : { kind: 'people_changed' });
      return all();
    },
    'policy.tell': ({ on }) => ((tell = on), all()),
    'policy.show': () => all(),
    'notify.show': () => ({ ...notify }),
    'notify.set': ({ quiet, metered }) => {
      const waits = (metered ?? notify.metered) === 'yes';
      notify = { ...notify, waits, ...(quiet !== undefined && { quiet: quiet === 'off' ? '' : quiet }), ...(metered !== undefined && { metered }) };
      return { ...notify };
    },
    'notify.due': () => ({}),
    'notify.shown': () => ({}),
  };
  return { handlers, begin, inbox: () => inbox.filter(({ state }) => state === 'waiting').length };
}
