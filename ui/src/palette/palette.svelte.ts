/** The palette: doings, groups and people that fit what is typed, in one list with one place in it. */
import type { Client } from '../api/client';
import type { ContactRow, Group as ContactGroup, GroupKind } from '../api/types';
import { DOINGS, matching, type Deed, type Doing } from '../deeds';

/** One row of the palette. */
export type Choice =
  | { kind: 'deed'; key: string; doing: Doing & { deed: Deed } }
  | { kind: 'person'; key: string; row: ContactRow }
  | { kind: GroupKind; key: string; group: ContactGroup };

export class Palette {
  typed = $state('');
  at = $state(0);
  people = $state.raw<ContactRow[]>([]);
  readonly #client: Client;
  readonly #groups: { kind: GroupKind; group: ContactGroup }[];
  readonly #doings: readonly (Doing & { deed: Deed })[];
  #sequence = 0;

  /** `able` says which doings make sense at this moment. */
  constructor(client: Client, groups: ContactGroup[], tags: ContactGroup[], able: (deed: Deed) => boolean) {
    this.#client = client;
    this.#groups = [
      ...groups.map((group) => ({ kind: 'group' as const, group })),
      ...tags.map((group) => ({ kind: 'tag' as const, group })),
    ];
    this.#doings = DOINGS.filter((doing) => !doing.bare && able(doing.deed));
  }

  /** What fits, doings first; of people and groups only what was typed for. */
  readonly choices = $derived.by((): Choice[] => {
    const words = this.typed.trim().toLowerCase();
    const doings = matching(this.typed, this.#doings).map((doing): Choice => ({ kind: 'deed', key: doing.deed, doing }));
    if (words === '') return doings;
    const groups = this.#groups
      .filter(({ group }) => group.name.toLowerCase().includes(words))
      .slice(0, GROUPS_MAX)
      .map(({ kind, group }): Choice => ({ kind, key: group.id, group }));
    const people = this.people.map((row): Choice => ({ kind: 'person', key: row.id, row }));
    return [...doings.slice(0, DOINGS_MAX), ...groups, ...people];
  });

  get chosen(): Choice | undefined {
    return this.choices[this.at];
  }

  /** Takes what was typed, and looks for people by it. */
  async type(text: string): Promise<void> {
    this.typed = text;
    this.at = 0;
    const sequence = ++this.#sequence;
    const find = text.trim();
    if (find === '') return void (this.people = []);
    try {
      const request = { find, offset: 0, limit: PEOPLE_MAX, trash: false, undecided: false, recent: false, favourites: false };
      const { contacts } = await this.#client.call('contacts.list', request);
      // Of questions that overlap, the last one is answered.
      if (sequence === this.#sequence) this.people = contacts;
    } catch {
      // What can be done is there without them; the list itself tells what is wrong.
      if (sequence === this.#sequence) this.people = [];
    }
  }

  move(by: number): void {
    const count = this.choices.length;
    if (count > 0) this.at = (this.at + by + count) % count;
  }
}

const DOINGS_MAX = 6;
const GROUPS_MAX = 4;
const PEOPLE_MAX = 8;
