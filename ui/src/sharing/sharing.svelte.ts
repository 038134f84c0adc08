/** Who should know: whom an update of my card, or of another item, would reach, looked at before anything is sent. */
import { refusal, type Client, type Refusal } from '../api/client';
import type { Audience, AudiencePreview, ContactRow, InteractionCount, Item, Named, ReadyLetter, UpdateSent } from '../api/types';
import { barsOf, countOf, stepsTo } from './closeness';

const NOBODY: Audience = { everyone: false, groups: [], tags: [], contacts: [], kinds: [], except: [] };

export class Sharing {
  audience = $state.raw<Audience>({ ...NOBODY, everyone: true });
  preview = $state.raw<AudiencePreview>();
  error = $state.raw<Refusal>();
  busy = $state(false);
  /** With whom there was how much to do within the window. */
  counts = $state.raw<InteractionCount[]>([]);
  /** Later changes go to the same people by themselves. */
  keep = $state(false);
  /** When they do: `now`, `changes:N` or `minutes:M`. */
  when = $state('now');
  /** The message for somebody without Kith that is open. */
  letter = $state.raw<ReadyLetter & { contact: string }>();
  /** What is sent, if it is not my card. */
  readonly item?: Item;
  readonly #client: Client;
  readonly #names = new Map<string, string>();
  #sequence = 0;
  /** What was kept before. */
  #kept = { keep: false, when: 'now' };

  constructor(client: Client, item?: Item) {
    this.#client = client;
    if (item) this.item = item;
  }

  /** Begins with the audience that is kept, if there is one. */
  async begin(): Promise<void> {
    try {
      if (!this.item) {
        const { standing, when } = await this.#client.call('me.show', { history: false });
        this.keep = standing !== undefined;
        this.when = when;
        this.#kept = { keep: this.keep, when };
        if (standing) this.audience = standing;
      }
    } catch (thrown) {
      this.error = refusal(thrown);
    }
    await Promise.all([this.look(), this.#count()]);
  }

  /** Looks whom this audience is. Of questions that overlap, the last one counts. */
  async look(audience = this.audience): Promise<void> {
    this.audience = audience;
    const sequence = ++this.#sequence;
    try {
      const preview = await this.#client.call('audience', { audience, ...this.#item() });
      if (sequence !== this.#sequence) return;
      this.preview = preview;
      for (const { contact_id, name } of [...preview.recipients, ...preview.unreachable]) this.#names.set(contact_id, name);
      this.error = undefined;
    } catch (thrown) {
      if (sequence === this.#sequence) this.error = refusal(thrown);
    }
  }

  everyone(): Promise<void> {
    return this.look({ ...NOBODY, everyone: true });
  }

  some(): Promise<void> {
    return this.look({ ...this.audience, everyone: false });
  }

  /** Takes a group or a tag in, or out again. */
  toggle(kind: 'groups' | 'tags', id: string): Promise<void> {
    const has = this.audience[kind].includes(id);
    const next = has ? this.audience[kind].filter((other) => other !== id) : [...this.audience[kind], id];
    return this.look({ ...this.audience, everyone: false, [kind]: next });
  }

  // --- by hand ---------------------------------------------------------------------

  /** What a contact that was named is called. */
  nameOf(contact: string): string {
    return this.#names.get(contact) ?? 'Somebody';
  }

  /** Contacts that fit what was typed, to be chosen by hand. */
  async find(typed: string): Promise<ContactRow[]> {
    if (typed.trim() === '') return [];
    const all = { trash: false, undecided: false, recent: false, favourites: false };
    const { contacts } = await this.#client.call('contacts.list', { ...all, find: typed, offset: 0, limit: FOUND_MAX });
    return contacts.filter(({ id }) => !this.audience.contacts.includes(id));
  }

  /** Means somebody, whatever the rules say. */
  choose({ id, name }: Named): Promise<void> {
    this.#names.set(id, name);
    const except = this.audience.except.filter((other) => other !== id);
    return this.look({ ...this.audience, contacts: [...this.audience.contacts, id], except });
  }

  /** Leaves somebody out of it, whatever the rules say. */
  leaveOut(contact: string): Promise<void> {
    const contacts = this.audience.contacts.filter((other) => other !== contact);
    return this.look({ ...this.audience, contacts, except: [...this.audience.except, contact] });
  }

  /** Lets the rules say again whether somebody is meant. */
  forget(contact: string): Promise<void> {
    const without = (ids: string[]) => ids.filter((other) => other !== contact);
    return this.look({ ...this.audience, contacts: without(this.audience.contacts), except: without(this.audience.except) });
  }

  // --- closeness -------------------------------------------------------------------

  get windowDays(): number {
    return this.audience.window_days ?? WINDOW_DAYS;
  }

  /** The thresholds of the slider, and how many people lie at each. */
  get bars(): { steps: number[]; people: number[] } {
    const counts = this.counts.map((one) => countOf(one, this.audience.kinds)).filter((count) => count > 0);
    const steps = stepsTo(Math.max(0, ...counts));
    return { steps, people: barsOf(counts, steps) };
  }

  /** How many people are at or above the threshold. */
  get close(): number {
    const least = this.audience.min_interactions ?? Infinity;
    return this.counts.filter((one) => countOf(one, this.audience.kinds) >= least).length;
  }

  /** Means whoever is close, or no longer. */
  closeness(on: boolean): Promise<void> {
    const { min_interactions: _, ...rest } = this.audience;
    return this.look({ ...rest, everyone: false, ...(on && { min_interactions: AT_FIRST }) });
  }

  /** From how many times on somebody is close. */
  atLeast(times: number): Promise<void> {
    return this.look({ ...this.audience, min_interactions: times });
  }

  async within(days: number): Promise<void> {
    await Promise.all([this.look({ ...this.audience, window_days: days }), this.#count()]);
  }

  /** Counts a kind, or no longer; all of them are said by naming none. */
  counted(kind: string, on: boolean): Promise<void> {
    const { kinds } = this.audience;
    const said = kinds.length === 0 ? ALL_KINDS : kinds;
    const next = on ? [...said, kind] : said.filter((other) => other !== kind);
    // None at all would mean all of them.
    if (next.length === 0) return Promise.resolve();
    return this.look({ ...this.audience, kinds: next.length === ALL_KINDS.length ? [] : next });
  }

  async #count(): Promise<void> {
    try {
      this.counts = (await this.#client.call('interactions.top', { window_days: this.windowDays })).contacts;
    } catch (thrown) {
      this.error = refusal(thrown);
    }
  }

  // --- those without Kith ------------------------------------------------------------

  /** Writes the message for somebody without Kith, or puts it away. Nothing is sent. */
  async write(contact: string): Promise<void> {
    if (this.letter?.contact === contact) {
      this.letter = undefined;
      return;
    }
    try {
      this.letter = { ...(await this.#client.call('update.letter', { contact })), contact };
    } catch (thrown) {
      this.error = refusal(thrown);
    }
  }

  // --- sending ---------------------------------------------------------------------

  /** Sends it, and keeps the audience if that is wanted; answers what became of it, or nothing if that failed. */
  async send(): Promise<UpdateSent | undefined> {
    this.busy = true;
    try {
      const { audience } = this;
      const sent = await this.#client.call('update.send', { audience, ...this.#item() });
      if (!this.item) {
        if (this.keep) await this.#client.call('update.keep', { audience });
        else if (this.#kept.keep) await this.#client.call('update.keep', {});
        if (this.keep && this.when !== this.#kept.when) await this.#client.call('update.when', { when: this.when });
      }
      return sent;
    } catch (thrown) {
      this.error = refusal(thrown);
      return undefined;
    } finally {
      this.busy = false;
    }
  }

  #item(): { item?: string } {
    return this.item ? { item: this.item.id } : {};
  }
}

const ALL_KINDS = ['call', 'message', 'mail'];
/** The hub's own, where nothing is said. */
const WINDOW_DAYS = 180;
/** How often, when closeness is first asked for. */
const AT_FIRST = 5;
const FOUND_MAX = 6;
