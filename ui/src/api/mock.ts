/**
 * A hub in memory, for `npm run dev` in a browser and for tests. It answers every command of the list: the type of
 * `handlers` fails to compile when one is missing or new. The address chooses what it holds: `?n=100000`, `?fresh`,
 * `?alone`, `?slow=800`, `?fail`, `?held` for deletions that wait, and `?asks` for a device that wants to join.
 */
import type { Answer, Client, Name, Request } from './client';
import { backups } from './mock/backups';
import { freshId, ME, MockBook, undecided } from './mock/book';
import { look, exported, imported } from './mock/files';
import { people } from './mock/people';
import { linked } from './mock/persons';
import { qr } from './mock/qr';
import { RECOVERY_CODE, removal } from './mock/removal';
import { refuse } from './mock/refuse';
import { takingBack } from './mock/taking_back';
import { tidyingUp, type Step } from './mock/tidying_up';
import type { Card, Commands, Device, Event, Named, PairCode, PendingDevice } from './types';

/** An answer for each command of the list. */
export type Handlers = { [N in Name]: (args: Request<N>) => Answer<N> | Promise<Answer<N>> };

export interface Mock extends Client {
  /** Lets another device change a property, as if it came over the LAN. */
  remote(id: string, property: string, value: string): void;
  emit(event: Event): void;
  handlers: Handlers;
}

const WORDS = 'lantern otter birch';

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

const newPhone = (): PendingDevice => ({ id: 'newphone', name: 'New phone', platform: 'Android', words: WORDS });

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
  const imports: Step[] = [];
  let stops = 0;
  const habits = { at_login: false, stay: true };
  let me: Named = { id: ME + ME, name: 'Mara Lindqvist' };
  let deviceName = 'This laptop';
  let isSetUp = options.setUp ?? true;
  let open: { code: PairCode; ends: number } | undefined;
  let pending: PendingDevice[] = [];

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
    book.keep({
      id: ME,
      name: me.name,
      reading: '',
      organisation: false,
      me: true,
      favourite: false,
      trashed: false,
      trash_undecided: false,
      properties: [],
      groups: [],
      tags: [],
    });
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

  const tidying = tidyingUp({ book, undo, cardOf, change, changed, emit, deviceName: () => deviceName }, options.held ?? false);

  function belong(kind: 'group' | 'tag', nameOrId: string, ids: string[], within: boolean): number {
    const group = groupOf(kind, nameOrId);
    const key = kind === 'group' ? 'groups' : 'tags';
    change(within ? `put into ${group.name}` : `taken out of ${group.name}`, ids, (card) => ({
      ...card,
      [key]: [
        ...card[key].filter(({ id }) => id !== group.id),
        ...(within ? [{ id: group.id, name: group.name }] : []),
      ],
    }));
    emit({ kind: 'groups_changed' });
    return ids.length;
  }

  const groupOf = (kind: 'group' | 'tag', nameOrId: string) =>
    book.groups[kind].find(({ id, name }) => id === nameOrId || name === nameOrId) ??
    refuse('not_found', `There is no ${kind} of that name.`);

  const gone = removal({ devices, me: () => me, contacts: () => [...book.kept.values()].filter(({ card }) => !card.me).length, emit });

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
    ...takingBack({ book, undo, cardOf, changed }),
    ...people({ book, undo, cardOf, change, changed, deviceName: () => deviceName }),
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
    import: async ({ files, dry_run }) => {
      const answer = imported(files, dry_run, book);
      if (dry_run) return answer.report;
      const [before, total] = [stops, answer.cards.length];
      const ids: string[] = [];
      for (const { name, properties } of answer.cards) {
        const id = add(name);
        book.edit(id, properties, [], deviceName, 'here');
        ids.push(id);
        emit({ kind: 'progress', work: 'import', done: ids.length, total });
        if (ids.length % IMPORTED_AT_ONCE === 0) await pause(options.delayMs ?? 0);
        if (stops !== before) break;
      }
      const stopped = ids.length < total;
      const back = () => (ids.forEach((id) => book.keep({ ...cardOf(id), trashed: true })), ids);
      const step = { what: `import of ${ids.length} contacts`, back };
      undo.push(step);
      imports.push(step);
      changed([]);
      return stopped ? { ...answer.report, added: ids.length, stopped } : answer.report;
    },
    'import.look': ({ file }) => look(file),
    'import.stop': () => ((stops += 1), {}),
    erase: ({ device, backup_to }) => {
      if (device !== deviceName) refuse('bad_request', 'Nothing was erased. Type the name of this device to say that you mean it.');
      const backup = backup_to === undefined ? undefined : saved.handlers['backup.now']({ to: backup_to });
      book.kept.clear();
      undo.length = 0;
      isSetUp = false;
      emit({ kind: 'erased' });
      return { left: [], ...(backup && { backup }) };
    },
    'import.undo': () => {
      const last = imports.pop() ?? refuse('nothing_to_undo', 'There is no import left to take back.');
      undo.splice(undo.indexOf(last), 1);
      const ids = last.back();
      changed([]);
      return { what: last.what, ids };
    },
    export: (request) => exported(request, book),
    'contacts.list': (request) => book.list(request),
    'contacts.show': ({ id, history }) => ({
      ...cardOf(id),
      ...(history && { history: book.kept.get(id)?.history ?? [] }),
    }),
    'contacts.add': ({ properties, sitting }) => {
      const id = add('');
      book.edit(id, properties, [], deviceName, 'here');
      const back = () => (book.keep({ ...cardOf(id), trashed: true }), [id]);
      undo.push({ what: `added ${cardOf(id).name}`, back, sitting });
      changed([id]);
      return { id };
    },
    'contacts.edit': ({ id, set, unset, order = [], sitting }) => {
      const before = cardOf(id);
      book.edit(id, set, unset, deviceName, 'here');
      book.arrange(id, order);
      // The first step of a sitting takes back all of it.
      const begun = sitting !== undefined && undo.some((step) => step.sitting === sitting);
      const back = () => (book.keep(before, new Date().toISOString()), [id]);
      if (!begun) undo.push({ what: `edited ${before.name}`, back, sitting });
      changed([id]);
      return { id };
    },
    'contacts.choose': ({ id, property_id, value }) => {
      const before = cardOf(id);
      if (value === '') book.edit(id, [], [property_id], deviceName, 'here');
      else book.edit(id, [{ property_id, add: false, name: '', value }], [], deviceName, 'here');
      undo.push({ what: 'the choice', back: () => (book.keep(before, new Date().toISOString()), [id]) });
      changed([id]);
      return { id };
    },
    'contacts.trash': ({ ids }) => {
      if (ids.length > TRASH_MAX) return { count: 0, held: tidying.hold(ids) };
      change(`moved ${ids.length} to the trash`, ids, (card) => ({ ...card, trashed: true, trash_undecided: false }));
      return { count: ids.length };
    },
    'contacts.restore': ({ ids }) => {
      change(`restored ${ids.length}`, ids, (card) => ({ ...card, trashed: false, trash_undecided: false }));
      return { count: ids.length };
    },
    'groups.list': ({ kind }) => (book.countGroups(), { groups: book.groups[kind].map((group) => ({ ...group })) }),
    'groups.add': ({ kind, name }) => {
      const group = { id: freshId(), name, count: 0 };
      book.groups[kind].push(group);
      emit({ kind: 'groups_changed' });
      return { id: group.id };
    },
    'groups.rename': ({ kind, group, name }) => {
      const found = groupOf(kind, group);
      found.name = name;
      emit({ kind: 'groups_changed' });
      return { id: found.id };
    },
    'groups.remove': ({ kind, group }) => {
      const found = groupOf(kind, group);
      book.groups[kind] = book.groups[kind].filter(({ id }) => id !== found.id);
      emit({ kind: 'groups_changed' });
      return { id: found.id };
    },
    'groups.put': ({ kind, group, ids }) => ({ count: belong(kind, group, ids, true) }),
    'groups.take': ({ kind, group, ids }) => ({ count: belong(kind, group, ids, false) }),
    'pair.show': () => {
      if (!open || open.ends < Date.now()) {
        const code = '48291375';
        open = {
          ends: Date.now() + 600_000,
          code: {
            code,
            link: `kith://pair/${code}?at=192.168.1.20:4820&s=Zm9vYmFyYmF6`,
            qr: qr(),
            seconds_left: 600,
            tries_left: 3,
          },
        };
      }
      return { ...open.code, seconds_left: (open.ends - Date.now()) / 1000 };
    },
    'pair.close': () => ((open = undefined), emit({ kind: 'pair_changed' }), {}),
    'pair.enter': async ({ code, name }) => {
      await pause(700);
      if (code !== '48291375' && !code.startsWith('kith:'))
        refuse('wrong_code', 'This code is wrong. Two tries are left; look at the other device again.');
      emit({ kind: 'pair_words', words: WORDS });
      await pause(3_000);
      deviceName = name;
      setUp('Mara Lindqvist');
      return { device_id: devices[0]?.id ?? '', person_id: me.id, keys: 'os', keys_sealed: false };
    },
    'pair.pending': () => ({
      pending,
      ...(open && { open: { ...open.code, seconds_left: (open.ends - Date.now()) / 1000 } }),
    }),
    'pair.approve': ({ id }) => {
      const asked = pending.find((other) => other.id === id) ?? refuse('not_found', 'It no longer asks.');
      pending = pending.filter((other) => other.id !== id);
      devices.push(device(asked.name, 'lan', options.contacts, asked.platform));
      open = undefined;
      emit({ kind: 'pair_changed' });
      emit({ kind: 'devices_changed' });
      return {};
    },
    'pair.refuse': ({ id }) => {
      pending = pending.filter((other) => other.id !== id);
      emit({ kind: 'pair_changed' });
      return {};
    },
    'devices.copies': () => ({ copies: [] }),
    doctor: () => ({
      findings: devices
        .filter((one) => one.path === 'none')
        .map((one) => ({
          code: 'away' as const,
          message: `${one.name} is not heard. It is off, asleep, or elsewhere.`,
          remedy: 'Switch it on and start Kith there, in the same network as this device.',
          device_id: one.id,
        })),
    }),
    'devices.list': () => ({ devices: devices.map((one) => ({ ...one })), recovery_due: gone.due() }),
  };

  function add(name: string): string {
    const id = freshId();
    book.keep(
      {
        id,
        name,
        reading: '',
        organisation: false,
        me: false,
        favourite: false,
        trashed: false,
        trash_undecided: false,
        properties: [],
        groups: [],
        tags: [],
      },
      new Date().toISOString(),
    );
    if (name !== '') book.edit(id, [{ add: true, name: 'FN', parts: [[name]] }], [], deviceName, 'here');
    return id;
  }

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
      if (event.kind === 'pair_asked') pending = [...pending, event.device];
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

function device(name: string, path: string, behind: number, platform: string, self = false): Device {
  const seen = path === 'none' ? new Date(Date.now() - 5 * 86_400_000).toISOString() : new Date().toISOString();
  return { id: freshId(), name, last_seen: self ? null : seen, version: '', platform, this: self, path, behind };
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** After so many cards of an import it can be stopped. */
const IMPORTED_AT_ONCE = 20;
/** More than this go to the trash only after a second yes, as in the hub. */
const TRASH_MAX = 50;
