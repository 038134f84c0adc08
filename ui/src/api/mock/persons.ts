/** Linked persons of the hub in memory: made-up people, what they were sent, what they sent. */
import type { Answer, Name, Request } from '../client';
import type {
  Audience,
  Card,
  Device,
  Event,
  FieldChange,
  Item,
  LedgerEntry,
  Link,
  LinkInvited,
  Links,
  MyCard,
  Named,
  Recipient,
  Unreachable,
} from '../types';
import { freshId, ME, type MockBook } from './book';
import { qr } from './qr';
import { receiving } from './receiving';
import { refuse } from './refuse';
import { safetyOf } from './safety';

type Some = Extract<
  Name,
  | `me.${string}`
  | `items.${string}`
  | `link.${string}`
  | `household.${string}`
  | `update.${string}`
  | `policy.${string}`
  | `inbox.${string}`
  | `notify.${string}`
  | `interactions.${string}`
  | 'audience'
  | 'ledger'
  | 'ask'
  | 'give'
  | 'activity'
  | 'safety'
>;
type Handlers = { [N in Some]: (args: Request<N>) => Answer<N> };

const DAY_MS = 86_400_000;
const MINE = 'lantern otter birch copper meadow harbor';
const THEIRS = 'silver fern pocket violet anchor maple';
/** An invitation that names this address is of a device that is never reached (RFC 5737). */
const NOWHERE = '&a=192.0.2.';
const INTERACTIONS = [14, 9, 6, 3, 1];

const ago = (days: number) => new Date(Date.now() - days * DAY_MS).toISOString();

interface Sent {
  version: number;
  fields: Map<string, string>;
}

export function linked(hub: {
  book: MockBook;
  cardOf: (id: string) => Card;
  edit: (id: string, set: Request<'me.edit'>['set'], unset: string[]) => void;
  emit: (event: Event) => void;
  me: () => Named;
  devices: Device[];
  alone: boolean;
}) {
  const { book, emit } = hub;
  const links: Link[] = [];
  const sent = new Map<string, Sent>();
  const visible = new Map<string, string[]>();
  const from = new Map<string, string>();
  const former = new Map<string, MyCard['shared'][number]['former']>();
  const items: Item[] = [];
  const invitations: (LinkInvited & { shown: boolean })[] = [];
  const waiting: Links['waiting'] = [];
  const ledger: LedgerEntry[] = [];
  const received = receiving({ links, cardOf: hub.cardOf, edit: hub.edit, emit, freshId });
  const watched = new Set(hub.alone ? [] : ['/home/mara/Sync/calls']);
  const news: Answer<'activity'>['entries'] = [];
  let standing: Audience | undefined;
  let when = 'now';
  const freshness = { calls: ago(2), mails: ago(1) };

  /** The first five contacts of the book have Kith. */
  function begin(): void {
    const cards = [...book.kept.values()].map(({ card }) => card).filter((card) => !card.me && !card.organisation);
    cards.slice(0, 5).forEach((card, at) => {
      links.push({
        person_id: freshId() + freshId(),
        name: card.name,
        own_name: card.name,
        contact_id: card.id,
        verified: at < 2,
        verified_by: at === 0 ? 'in-person' : at === 1 ? 'words' : 'no',
        household: at === 1,
        blocked: false,
        muted: false,
        state: 'linked',
        path: at < 2 ? 'lan' : 'none',
        devices: 1 + (at % 2),
        candidates: [],
        lookalikes: [],
      });
      news.push({ time: ago(at + 1), contact_id: card.id, name: card.name, text: 'TEL: +46 70 555 02 1' + at });
    });
    received.begin();
  }
  if (!hub.alone) {
    begin();
    sentBefore();
  }

  /** Three of them have my card with the number that I had before; for the third one it still waits. */
  function sentBefore(): void {
    links.slice(0, 3).forEach((link, at) => {
      const fields = cut(link);
      const phone = hub.cardOf(ME).properties.find(({ name }) => name === 'TEL')?.id;
      if (phone !== undefined) fields.set(phone, '+46 70 555 01 12');
      sent.set(link.person_id, { version: 1, fields });
      const arrived = at < 2 && { delivered: ago(30 - at) };
      const state = { state: at < 2 ? 'delivered' : 'waiting', path: at < 2 ? 'lan' : '', made: ago(30), ...arrived };
      const { person_id, name, contact_id } = link;
      ledger.push({ update_id: freshId(), person_id, name, item_id: ME, item: '', version: 1, ...(contact_id !== undefined && { contact_id }), ...state });
    });
  }

  const person = (id: string): Link =>
    links.find(
      (link) =>
        link.person_id.startsWith(id) ||
        link.contact_id?.startsWith(id),
    ) ?? refuse('not_found', 'You are linked to nobody with this id.');

  function change(id: string, apply: Partial<Link>): Answer<'link.verify'> {
    const link = person(id);
    Object.assign(link, apply);
    emit({ kind: 'people_changed' });
    return { person_id: link.person_id, ...(link.contact_id !== undefined && { contact_id: link.contact_id }) };
  }

  function myCard(): MyCard {
    const card = hub.cardOf(ME);
    const shared = card.properties.map(({ id, name }) => ({
      property_id: id,
      name,
      visible: [visible.get(id) ?? [name === 'NOTE' ? 'nobody' : 'everyone']],
      ...(from.has(id) && { from: from.get(id) ?? '' }),
      former: former.get(id) ?? [],
    }));
    return { ...card, shared, when, ...(standing && { standing }) };
  }

  /** What somebody may see of my card, by property. */
  function cut(link: Link): Map<string, string> {
    const groups = link.contact_id === undefined ? [] : [...hub.cardOf(link.contact_id).groups, ...hub.cardOf(link.contact_id).tags];
    const sees = (who: string[]) =>
      who.some(
        (one) =>
          one === 'everyone' ||
          one === `contact:${link.contact_id}` ||
          groups.some(({ id, name }) => one.endsWith(`:${id}`) || one.endsWith(`:${name}`)),
      );
    const mine = hub.cardOf(ME).properties.filter((property) => sees(visible.get(property.id) ?? ['everyone']));
    return new Map(mine.map((property) => [property.id, property.text]));
  }

  function changes(before: Map<string, string> | undefined, after: Map<string, string>): FieldChange[] {
    const named = (id: string) => hub.cardOf(ME).properties.find((property) => property.id === id)?.name ?? '';
    const ids = new Set([...(before?.keys() ?? []), ...after.keys()]);
    return [...ids].flatMap((id): FieldChange[] => {
      const [old, fresh] = [before?.get(id), after.get(id)];
      if (old === fresh) return [];
      return [{ property_id: id, name: named(id), identity: false, torn: false, ...(old !== undefined && { old }), ...(fresh !== undefined && { new: fresh }) }];
    });
  }

  function reasons(audience: Audience, card: Card): string[] {
    const linked = links.findIndex((link) => link.contact_id === card.id);
    const count = INTERACTIONS[linked] ?? 0;
    const fits = (wanted: string[], has: Named[]) => has.filter(({ id, name }) => wanted.includes(id) || wanted.includes(name));
    return [
      ...(audience.contacts.includes(card.id) ? ['chosen by hand'] : []),
      ...fits(audience.groups, card.groups).map(({ name }) => `in the group ${name}`),
      ...fits(audience.tags, card.tags).map(({ name }) => `tagged ${name}`),
      ...(audience.min_interactions !== undefined && count >= audience.min_interactions
        ? [`${count} calls since ${ago(audience.window_days ?? 180).slice(0, 10)}`]
        : []),
      ...(audience.everyone && linked >= 0 ? ['everyone linked'] : []),
    ];
  }

  function meant(audience: Audience): { recipients: Recipient[]; unreachable: Unreachable[] } {
    const recipients: Recipient[] = [];
    const unreachable: Unreachable[] = [];
    for (const { card } of book.kept.values()) {
      if (card.me || card.trashed || audience.except.includes(card.id)) continue;
      const why = reasons(audience, card);
      const link = links.find((other) => other.contact_id === card.id && other.state === 'linked');
      if (why.length === 0 || link?.blocked) continue;
      if (!link) {
        const mail = card.properties.find(({ name }) => name === 'EMAIL')?.text;
        unreachable.push({ contact_id: card.id, name: card.name, ...(mail !== undefined && { mail }) });
        continue;
      }
      const [before, after] = [sent.get(link.person_id), cut(link)];
      const names = [...after.keys()].map((id) => hub.cardOf(ME).properties.find((one) => one.id === id)?.name ?? '');
      recipients.push({
        contact_id: card.id,
        person_id: link.person_id,
        name: card.name,
        why: why.join(', '),
        fields: [...new Set(names)].sort(),
        news: changes(before?.fields, after),
        version: before?.version ?? 0,
      });
    }
    return { recipients, unreachable };
  }

  function deliver(recipients: Recipient[]): { update_id: string; sent: number } {
    const update_id = freshId();
    let count = 0;
    for (const { person_id, name, contact_id, news: fresh, version } of recipients) {
      if (fresh.length === 0) continue;
      const link = person(person_id);
      sent.set(person_id, { version: version + 1, fields: cut(link) });
      count += 1;
      const near = link.path === 'lan';
      ledger.unshift({
        update_id,
        contact_id,
        person_id,
        name,
        item_id: ME,
        item: '',
        version: version + 1,
        state: near ? 'delivered' : 'waiting',
        path: near ? 'lan' : '',
        made: ago(0),
        ...(near && { delivered: ago(0) }),
      });
    }
    emit({ kind: 'people_changed' });
    return { update_id, sent: count };
  }

  const kept = (): Answer<'update.keep'> => ({ when, ...(standing && { audience: standing }) });
  const handlers: Handlers = {
    'me.show': () => myCard(),
    'me.edit': ({ set, unset }) => {
      const before = hub.cardOf(ME).properties;
      hub.edit(ME, set, unset);
      for (const old of before) {
        const fresh = hub.cardOf(ME).properties.find(({ id }) => id === old.id);
        if (fresh?.value === old.value) continue;
        former.set(old.id, [{ text: old.text, value: old.value, until: ago(0) }, ...(former.get(old.id) ?? [])]);
      }
      if (standing && when === 'now') deliver(meant(standing).recipients);
      return myCard();
    },
    'me.from': ({ property_id, date }) => {
      if (date === '') from.delete(property_id);
      else from.set(property_id, new Date(date).toISOString());
      return myCard();
    },
    'me.withdraw': ({ property_id }) => {
      hub.edit(ME, [], [property_id]);
      former.delete(property_id);
      return myCard();
    },
    'me.visible': ({ property_id, who }) => {
      visible.set(property_id, who);
      return myCard();
    },
    'items.list': () => ({ items: items.map((item) => ({ ...item })), received: [] }),
    'items.add': ({ name, path }) => {
      const kind = /\.vcf$/i.test(path) ? 'card' : /\.(png|jpe?g|webp)$/i.test(path) ? 'picture' : 'note';
      const item = { id: freshId(), name, kind, version: 0, text: path };
      items.push(item);
      return { id: item.id };
    },
    'items.set': ({ id, name }) => {
      const item = items.find((other) => other.id === id) ?? refuse('not_found', 'There is no such item.');
      if (name !== undefined) item.name = name;
      return { id };
    },
    'items.remove': ({ id }) => {
      items.splice(items.findIndex((other) => other.id === id), 1);
      return { id };
    },
    'link.invite': ({ shown }) => {
      const id = freshId();
      const link = `kith://link?p=${hub.me().id}&k=9f2c&e=1795824000&r=1&a=192.168.1.20:4820#${freshId()}`;
      const invited = { id, link, qr: qr(), expires: ago(shown ? -1 / 144 : -7) };
      invitations.push({ ...invited, shown });
      emit({ kind: 'people_changed' });
      return invited;
    },
    'link.cancel': ({ id }) => {
      const lists = [invitations, waiting].map((list) => ({ list, at: list.findIndex((other) => other.id === id) }));
      const { list, at } = lists.find(({ at }) => at >= 0) ?? refuse('not_found', 'No invitation of that id is open.');
      list.splice(at, 1);
      emit({ kind: 'people_changed' });
      return {};
    },
    'link.accept': ({ link, contact }) => {
      if (!link.startsWith('kith://link?')) refuse('bad_request', 'This is not an invitation, or a part of it is missing.');
      const card = contact === undefined ? undefined : hub.cardOf(contact);
      const name = card?.name ?? 'Noor Haddad';
      if (link.includes(NOWHERE)) {
        const acceptance = { id: freshId(), person_id: freshId() + freshId(), name, since: ago(0) };
        waiting.push(acceptance);
        emit({ kind: 'people_changed' });
        return { state: 'waiting', person_id: acceptance.person_id, name, words: THEIRS, lookalikes: [] };
      }
      const made: Link = {
        person_id: freshId() + freshId(),
        name,
        own_name: 'Noor Haddad',
        ...(card && { contact_id: card.id }),
        verified: false,
        verified_by: 'no',
        household: false,
        blocked: false,
        muted: false,
        state: 'linked',
        path: 'lan',
        devices: 1,
        candidates: [],
        lookalikes: [],
      };
      links.push(made);
      emit({ kind: 'people_changed' });
      const { person_id, contact_id } = made;
      return { state: 'linked', person_id, name, words: THEIRS, lookalikes: [], ...(contact_id !== undefined && { contact_id }) };
    },
    'link.list': () => ({
      links: links.map((link) => ({ ...link })).sort((a, b) => a.name.localeCompare(b.name)),
      invitations: invitations.map(({ id, expires, shown }) => ({ id, expires, shown })),
      waiting: waiting.map((one) => ({ ...one })),
    }),
    'link.words': ({ id }) => (person(id), { mine: MINE, theirs: THEIRS }),
    'link.verify': ({ id }) => change(id, { verified: true, verified_by: 'words' }),
    'link.remove': ({ id }) => change(id, { state: 'ended-here', ended: ago(0), path: 'none' }),
    'link.household': ({ id, on }) => change(id, { household: on }),
    'link.block': ({ id, on }) => change(id, { blocked: on }),
    'link.mute': ({ id, on }) => change(id, { muted: on }),
    'link.attach': ({ id, contact }) => change(id, { contact_id: contact, name: hub.cardOf(contact).name, candidates: [] }),
    'household.list': () => ({ proposals: [] }),
    'household.answer': () => ({}),
    audience: ({ audience }) => ({ ...meant(audience), freshness }),
    'update.send': ({ audience }) => {
      const { recipients, unreachable } = meant(audience);
      return { ...deliver(recipients), recipients: recipients.length, unreachable };
    },
    'update.keep': ({ audience }) => ((standing = audience), kept()),
    'update.when': (request) => ((when = request.when), kept()),
    'update.letter': ({ contact }) => {
      const subject = `New contact details of ${hub.me().name}`;
      const message = `Hello ${hub.cardOf(contact).name},\n\nmy contact details have changed.\n\n${hub.me().name}`;
      const vcard = `BEGIN:VCARD\r\nVERSION:3.0\r\nFN:${hub.me().name}\r\nEND:VCARD\r\n`;
      return { subject, message, vcard, link: `kith://link?p=${hub.me().id}#${freshId()}` };
    },
    ledger: (request) => ({
      deliveries: ledger.filter(({ update_id }) => update_id.startsWith(request.update ?? '')).map((entry) => ({ ...entry })),
    }),
    ask: () => {
      const asked = links.filter(({ state, blocked }) => state === 'linked' && !blocked);
      const named = (some: Link[]) => some.map(({ person_id, name }) => ({ id: person_id, name }));
      return { asked: named(asked), answered: named(asked.filter(({ path }) => path === 'lan')) };
    },
    ...received.handlers,
    give: ({ to }) => (person(to), { update_id: freshId(), recipients: 1, sent: 1, unreachable: [] }),
    'interactions.import': () => ({ added: 33, known: 0, too_old: 0, unreadable: 0, freshness }),
    'interactions.watch': ({ path, off }) => {
      if (path === undefined) return { paths: [...watched] };
      if (off) watched.delete(path);
      else if (/\.\w+$/.test(path)) refuse('file_unavailable', `${path} is no folder that can be watched. Import a single file instead.`);
      else watched.add(path);
      return { paths: [...watched], imported: { added: 0, known: off ? 0 : 33, too_old: 0, unreadable: 0, freshness } };
    },
    'interactions.add': () => ({}),
    'interactions.top': () => ({
      contacts: links.flatMap(({ contact_id: id, name }, at) => {
        const calls = INTERACTIONS[at] ?? 0;
        return id === undefined || calls === 0 ? [] : [{ id, name, count: calls, calls, mails: 0, messages: 0 }];
      }),
      freshness,
    }),
    activity: ({ contact, limit }) => ({
      entries: news.filter(({ contact_id }) => contact === undefined || contact_id === contact).slice(0, limit ?? 100),
    }),
    safety: () => ({
      entries: safetyOf(hub.devices, links, (id) => [
        ...new Set([...(sent.get(id)?.fields.keys() ?? [])].map((field) => hub.cardOf(ME).properties.find((one) => one.id === field)?.name ?? '')),
      ]),
    }),
  };

  return { handlers, inbox: received.inbox, outbox: () => ledger.filter(({ state }) => state === 'waiting').length };
}
