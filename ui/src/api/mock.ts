/**
 * A hub in memory, for `npm run dev` in a browser and for tests. It answers every command of the list: the type of
 * `handlers` fails to compile when one is missing or new. The address chooses what it holds: `?n=100000`, `?fresh`,
 * `?alone`, `?slow=800`, `?fail`, `?held` for deletions that wait, and `?asks` for a device that wants to join.
 */
import type { Answer, Client, Name, Request } from './client';
import { backups } from './mock/backups';
import { ME, MockBook, undecided } from './mock/book';
import { blank, contacts } from './mock/contacts';
import { device, newPhone, owned } from './mock/devices';
import { grouped } from './mock/groups';
import { importing } from './mock/importing';
import { pause } from './mock/pause';
import { people } from './mock/people';
import { linked } from './mock/persons';
import { RECOVERY_CODE, removal } from './mock/removal';
import { refuse } from './mock/refuse';
import { takingBack } from './mock/taking_back';
import { tidyingUp, type Step } from './mock/tidying_up';
import type { Card, Commands, Device, Event, Named } from './types';

/** An answer for each command of the list. */
export type Handlers = { [N in Name]: (args: Request<N>) => Answer<N> | Promise<Answer<N>> };

export interface Mock extends Client {
  /** Lets another device change a property, as if it came over the LAN. */
  remote(id: string, property: string, value: string): void;
  emit(event: Event): void;
  handlers: Handlers;
}

/** A hub as the page's address asks for it. */
export function mockFor(query: URLSearchParams): Mock {
  const hub = mock({
    contacts: query.has('fresh') ? 0 : Number(query.get('n') ?? 214),
    setUp: !query.has('fresh'),
    alone: query.has('alone') || query.has('fresh'),
    delayMs: Number(query.get('slow') ?? 3),
    fail: query.has('fail'),
    held: query.has('held'),
  });
  if (query.has('asks')) setTimeout(() => hub.emit({ kind: 'pair_asked', device: newPhone() }), 600);
  Object.assign(window, { hub });
  return hub;
}

export function mock(options: {
  contacts: number;
  setUp?: boolean;
  alone?: boolean;
  delayMs?: number;
  fail?: boolean;
  /** An account's source has emptied. */
  held?: boolean;
}): Mock {
  const book = new MockBook(options.contacts);
  const listeners = new Set<(event: Event) => void>();
  const undo: Step[] = [];
  const habits = { at_login: false, stay: true };
  let me: Named = { id: ME + ME, name: 'Mara Lindqvist' };
  let deviceName = 'This laptop';
  let isSetUp = options.setUp ?? true;

  const emit = (event: Event) => setTimeout(() => listeners.forEach((listener) => listener(event)), 0);
  const saved = backups({
    contacts: () => [...book.kept.values()].filter(({ card }) => !card.me && !card.trashed).length,
    emit,
    setUp: () => {
      if (isSetUp) return false;
      setUp('Mara Lindqvist');
      return true;
    },
  });
  const changed = (ids: string[], device: string | null = null) => {
    saved.changed();
    emit({ kind: 'contacts_changed', ids, device });
  };
  const devices: Device[] = [device(deviceName, 'here', 0, 'linux', true)];
  if (!options.alone) {
    devices.push(
      device('Phone', 'lan', 0, 'android'),
      device('Studio PC', 'hub', 0, 'windows'),
      device('Old tablet', 'none', 9, 'android tablet'),
    );
  }

  function setUp(person: string): void {
    isSetUp = true;
    me = { id: ME + ME, name: person };
    keepMe();
    emit({ kind: 'set_up' });
  }

  function keepMe(): void {
    book.keep({ ...blank(ME, me.name), me: true });
    const [given = '', ...family] = me.name.split(' ');
    book.edit(
      ME,
      [
        { add: true, name: 'FN', parts: [[me.name]] },
        { add: true, name: 'N', parts: [[family.join(' ')], [given], [''], [''], ['']] },
        { add: true, name: 'TEL', parts: [['+46 70 555 01 39']], params: { TYPE: ['cell'] } },
        { add: true, name: 'EMAIL', parts: [['mara@lindqvist.example']], params: { TYPE: ['home'] } },
      ],
      [],
      deviceName,
      'here',
    );
  }
  if (isSetUp) keepMe();

  const cardOf = (id: string): Card =>
    book.kept.get(id)?.card ?? refuse('not_found', 'There is no such contact. Somebody may have removed it.');

  /** Changes cards and remembers how to take that back. */
  function change(what: string, ids: string[], apply: (card: Card) => Card): void {
    const before = ids.map(cardOf);
    for (const card of before) book.keep(apply(card), new Date().toISOString());
    undo.push({ what, back: () => (before.forEach((card) => book.keep(card, new Date().toISOString())), ids) });
    changed(ids);
  }

  /** What the areas of the command list share. */
  const lent = { book, undo, cardOf, change, changed, deviceName: () => deviceName };
  const tidying = tidyingUp({ ...lent, emit }, options.held ?? false);

  const gone = removal({ devices, me: () => me, contacts: () => [...book.kept.values()].filter(({ card }) => !card.me).length, emit });

  const own = owned({
    devices,
    contacts: options.contacts,
    emit,
    joined: (name) => {
      deviceName = name;
      setUp('Mara Lindqvist');
      return { device_id: devices[0]?.id ?? '', person_id: me.id, keys: 'os', keys_sealed: false };
    },
    recoveryDue: () => gone.due(),
  });

  const persons = linked({
    book,
    cardOf,
    edit: (id, set, unset) => {
      const before = cardOf(id);
      book.edit(id, set, unset, deviceName, 'here');
      undo.push({ what: `edited ${before.name}`, back: () => (book.keep(before, new Date().toISOString()), [id]) });
      changed([id]);
    },
    emit,
    me: () => me,
    devices,
    alone: options.alone ?? false,
  });

  const handlers: Handlers = {
    ...persons.handlers,
    ...tidying.handlers,
    ...contacts({ ...lent, hold: (ids) => tidying.hold(ids) }),
    ...grouped({ book, change, emit }),
    ...importing({ ...lent, emit, delayMs: options.delayMs ?? 0 }),
    ...own.handlers,
    ...takingBack(lent),
    ...people(lent),
    ...gone.handlers,
    ...saved.handlers,
    init: ({ name, person }) => {
      deviceName = name;
      Object.assign(devices[0] ?? {}, { name });
      setUp(person ?? '');
      return {
        device_id: devices[0]?.id ?? '',
        person_id: me.id,
        recovery_code: RECOVERY_CODE,
        keys: 'os',
        keys_sealed: false,
      };
    },
    status: () => {
      const cards = [...book.kept.values()].map(({ card }) => card).filter((card) => !card.me);
      return {
        device: { id: devices[0]?.id ?? '', name: deviceName },
        person: me,
        keys: 'os',
        keys_sealed: false,
        recovery_due: gone.due(),
        book: {
          contacts: cards.filter((card) => !card.trashed).length,
          version: '4a:17 9c:202',
          hash: '9b1de5f0c3a85e6b2f7740aa51d3c9e09b1de5f0c3a85e6b2f7740aa51d3c9e0',
          trash: cards.filter((card) => card.trashed).length,
          favourites: cards.filter((card) => card.favourite && !card.trashed).length,
          undecided: cards.filter((card) => !card.trashed).reduce((sum, card) => sum + undecided(card), 0),
        },
        peers: devices
          .filter((other) => !other.this)
          .map(({ id, name, path, behind }) => ({ device_id: id, name, path, behind })),
        outbox: persons.outbox(),
        inbox: persons.inbox(),
        network: 'unmetered',
        held: tidying.waiting,
        backup: saved.state(),
        listen: '192.168.1.20:4820',
      };
    },
    stop: () => ({}),
    erase: ({ device, backup_to }) => {
      if (device !== deviceName) refuse('bad_request', 'Nothing was erased. Type the name of this device to say that you mean it.');
      const backup = backup_to === undefined ? undefined : saved.handlers['backup.now']({ to: backup_to });
      book.kept.clear();
      undo.length = 0;
      isSetUp = false;
      emit({ kind: 'erased' });
      return { left: [], ...(backup && { backup }) };
    },
  };

  async function call<N extends Name>(name: N, args: Commands[N][0]): Promise<Commands[N][1]> {
    await pause(options.delayMs ?? 0);
    if (!isSetUp && !['init', 'pair.enter', 'restore'].includes(name)) refuse('not_set_up', 'This folder holds no book yet.');
    if (options.fail && name !== 'status')
      refuse('storage_unreadable', 'Kith cannot read its file on this disk. Your other devices still have everything.');
    return handlers[name](args);
  }

  return {
    call,
    onEvent: async (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    habits: { look: async () => ({ ...habits }), choose: async (wanted) => ({ ...Object.assign(habits, wanted) }) },
    emit: (event) => {
      if (event.kind === 'pair_asked') own.asked(event.device);
      emit(event);
    },
    remote: (id, property, value) => {
      const found = cardOf(id).properties.find((other) => other.name === property);
      book.edit(
        id,
        [{ ...(found && { property_id: found.id }), add: !found, name: property, value }],
        [],
        'Studio PC',
        'lan',
      );
      changed([id], devices[2]?.id ?? 'Studio PC');
    },
    handlers,
  };
}
