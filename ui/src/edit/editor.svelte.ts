/**
 * The editor: a draft of one card that saves itself when the typing pauses, as changes of one sitting, which one undo
 * takes back.
 *
 * The shown name follows the parts of the name unless the person wrote it by hand. A change that arrives meanwhile
 * refreshes what the person did not touch and leaves alone what they are typing.
 */
import { refusal, type Client, type Refusal } from '../api/client';
import type { Card, PropertyEdit } from '../api/types';
import {
  asTheyAre,
  editsOf,
  fullName,
  isEmpty,
  isToSave,
  linesOf,
  merge,
  newLine,
  settle,
  splitName,
  writtenFamilyFirst,
  type Line,
} from './lines';
import { following, moved, orderOf } from './places';

export class Editor {
  /** The contact; none before a new one is first saved. */
  id = $state<string>();
  /** It is my own card. What is typed there is saved when I say so: others may be told of whatever it said before. */
  readonly isMine: boolean;
  /** The contact was made here. */
  readonly isNew: boolean;
  lines = $state<Line[]>([]);
  familyFirst = $state(false);
  /** The shown name was written by hand. */
  ownName = $state(false);
  saving = $state(false);
  /** When something was last saved; nothing before that. */
  savedAt = $state.raw<string>();
  error = $state.raw<Refusal>();
  /** Which device changed the card while it was open here. */
  meanwhile = $state('');
  /** The lines that just followed such a change. */
  lit = $state.raw(new Set<number>());
  /** What edits of this editor share, so that they are taken back together. */
  readonly #sitting = randomHex(SITTING_BYTES);
  /** How many changes of my card were saved here. */
  #saves = 0;
  #removed: string[] = [];
  /** The properties in the order in which the card has them. */
  #places: string[] = [];
  /** The names whose lines were moved here. */
  #moved = $state.raw<ReadonlySet<string>>(new Set());
  #client: Client;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The save that is on its way; the next one waits for it. */
  #busy: Promise<unknown> = Promise.resolve();
  /** Who changed the card while a save was on its way. */
  #meddler: string | undefined;
  #closed = false;

  constructor(client: Client, card?: Card, name = '') {
    this.#client = client;
    this.id = card?.id;
    this.isNew = card === undefined;
    this.isMine = card?.me ?? false;
    this.lines = card ? linesOf(card) : [];
    this.#places = placesOf(card);
    this.#complete();
    if (!card) {
      this.lines.push(newLine('TEL', 'cell'), newLine('EMAIL', 'home'));
      if (name !== '') this.#name(splitName(name));
    }
    const parts = this.line('N').parts;
    const shown = this.line('FN').parts[0] ?? '';
    this.familyFirst =
      shown !== fullName(parts, false) && (shown === fullName(parts, true) || writtenFamilyFirst(parts));
    this.ownName = shown !== '' && shown !== this.#composed();
  }

  /** The first line of a name; the editor always has one of those it shows once. */
  line(name: string): Line {
    const found = this.lines.find((line) => line.name === name);
    if (found) return found;
    this.lines.push(newLine(name));
    return this.lines[this.lines.length - 1] as Line;
  }

  /** All lines of a name. */
  all(name: string): Line[] {
    return this.lines.filter((line) => line.name === name);
  }

  add(name: string, type = ''): Line {
    this.lines.push(newLine(name, type));
    return this.lines[this.lines.length - 1] as Line;
  }

  /** Takes a line out; answers how to put it back. */
  remove(line: Line): () => void {
    const at = this.lines.findIndex(({ key }) => key === line.key);
    const [gone = line] = asTheyAre([line]);
    if (line.id !== undefined) this.#removed.push(line.id);
    this.lines = this.lines.filter(({ key }) => key !== line.key);
    return () => this.#putBack(gone, at);
  }

  /** Moves a line past so many others of its name; answers whether it could go there. */
  move(line: Line, by: number): boolean {
    const next = moved(this.lines, line.key, by);
    if (next === this.lines) return false;
    this.lines = next;
    this.#moved = new Set([...this.#moved, line.name]);
    return true;
  }

  /** Changes one part of the name, or the organisation, and lets the shown name follow. */
  rename(line: Line, part: number, text: string): void {
    line.parts[part] = text;
    if (line.name === 'N' && this.isNew) this.familyFirst = writtenFamilyFirst(line.parts);
    this.follow();
  }

  /** Writes one part of a line. */
  write(line: Line, part: number, text: string): void {
    line.parts[part] = text;
  }

  /** Gives a line a type, or a label of the person's own. */
  retype(line: Line, type: string, label: string): void {
    line.type = type;
    line.label = label;
  }

  /** Lets the shown name follow the parts again, unless it is the person's own. */
  follow(): void {
    if (!this.ownName) this.line('FN').parts[0] = this.#composed();
  }

  get #order(): string[] {
    return orderOf(this.lines, this.#places, this.#moved);
  }

  /** Whether there is anything to save. */
  get touched(): boolean {
    return this.#removed.length > 0 || this.lines.some(isToSave) || this.#order.length > 0;
  }

  /** Whether there is anything to take back. */
  get changed(): boolean {
    return this.touched || this.savedAt !== undefined;
  }

  /** The shown name, for headings. */
  get shown(): string {
    return this.line('FN').parts[0] ?? '';
  }

  /** What changes whenever somebody types. */
  get typed(): string {
    return JSON.stringify(this.lines.map(({ key, parts, type, label }) => [key, parts.map(short), type, label]));
  }

  /** Saves when the typing pauses. */
  saveSoon(): void {
    clearTimeout(this.#timer);
    if (this.touched && !this.#closed && !this.isMine) this.#timer = setTimeout(() => void this.save(), AUTOSAVE_MS);
  }

  /** Saves what is to be saved; answers the contact's id, or nothing if that failed. */
  save(): Promise<string | undefined> {
    clearTimeout(this.#timer);
    const next = this.#busy.then(() => this.#save());
    this.#busy = next;
    return next;
  }

  /** Saves for the last time; answers the contact's id, or nothing if that failed. */
  async finish(): Promise<string | undefined> {
    // A new card without a person's name is an organisation's (RFC 6350, 6.1.4).
    const { isNew } = this;
    if (isNew && isEmpty(this.line('N')) && !isEmpty(this.line('ORG')) && !this.#has('KIND')) {
      this.lines.push({ ...newLine('KIND'), parts: ['org'] });
    }
    let id = await this.save();
    // Somebody may have typed while that was on its way.
    if (id !== undefined && this.touched) id = await this.save();
    this.#closed = id !== undefined;
    return id;
  }

  /** Takes back everything of this sitting; answers whether that worked. */
  async takeBack(): Promise<boolean> {
    clearTimeout(this.#timer);
    this.#closed = true;
    await this.#busy;
    if (this.savedAt === undefined) return true;
    try {
      if (this.isMine) for (; this.#saves > 0; this.#saves -= 1) await this.#client.call('contacts.undo', {});
      else await this.#client.call('contacts.undo', { sitting: this.#sitting });
      this.savedAt = undefined;
      return true;
    } catch (thrown) {
      this.error = refusal(thrown);
      this.#closed = false;
      return false;
    }
  }

  /** Takes in the card as another device left it. */
  take(card: Card, device: string): void {
    if (this.saving) {
      // What was read may be older than what is being saved: it is read again after that.
      this.#meddler = device;
      return;
    }
    this.#places = placesOf(card);
    this.#keep(merge(asTheyAre(this.lines), this.#removed, card), device);
  }

  async #save(): Promise<string | undefined> {
    if (!this.touched) return this.id;
    if (this.shown.trim() === '') this.#nameSomehow();
    const sent = asTheyAre(this.lines);
    const removed = [...this.#removed];
    const { set, unset } = editsOf(sent, removed);
    const order = this.#order.filter((id) => !unset.includes(id));
    this.saving = true;
    this.error = undefined;
    try {
      const { id } = await this.#write(set, unset, order);
      this.id = id;
      this.savedAt = new Date().toISOString();
      let meddler: string | undefined;
      do {
        this.#meddler = undefined;
        const card = await this.#client.call('contacts.show', { id, history: false });
        this.#removed = this.#removed.filter((gone) => !removed.includes(gone));
        this.#places = placesOf(card);
        this.#keep(settle(asTheyAre(this.lines), sent, this.#removed, card), meddler ?? '');
        meddler = this.#meddler;
      } while (meddler !== undefined);
      // A line that was new has a place only now.
      if (this.#order.length === 0) this.#moved = new Set();
      else this.saveSoon();
      return id;
    } catch (thrown) {
      this.error = refusal(thrown);
      return undefined;
    } finally {
      this.saving = false;
    }
  }

  async #write(set: PropertyEdit[], unset: string[], order: string[]): Promise<{ id: string }> {
    const sitting = this.#sitting;
    if (this.id === undefined) return this.#client.call('contacts.add', { properties: set, sitting });
    if (!this.isMine) return this.#client.call('contacts.edit', { id: this.id, set, unset, order, sitting });
    if (set.length + unset.length > 0) {
      await this.#client.call('me.edit', { set, unset });
      this.#saves += 1;
    }
    if (order.length > 0) {
      await this.#client.call('contacts.edit', { id: this.id, set: [], unset: [], order });
      this.#saves += 1;
    }
    return { id: this.id };
  }

  #keep({ lines, changed }: ReturnType<typeof merge>, device: string): void {
    this.lines = following(lines, this.#places, this.#moved);
    this.#complete();
    if (device === '' || changed.length === 0) return;
    this.lit = new Set(changed);
    this.meanwhile = device;
  }

  #putBack(line: Line, at: number): void {
    const pending = line.id !== undefined && this.#removed.includes(line.id);
    this.#removed = this.#removed.filter((id) => id !== line.id);
    // What was saved without it comes back as a new property.
    const back = pending ? line : { ...line, id: undefined, source: [], base: newLine(line.name).base };
    this.lines = this.lines.toSpliced(at, 0, back);
  }

  /** Whatever is shown once has a line, also where the card has none. */
  #complete(): void {
    for (const single of SINGLE) if (!this.#has(single)) this.lines.push(newLine(single));
  }

  #composed(): string {
    const name = fullName(this.line('N').parts, this.familyFirst);
    return name || this.line('ORG').parts[0]?.trim() || '';
  }

  #name(parts: string[]): void {
    this.line('N').parts = parts;
    this.familyFirst = writtenFamilyFirst(parts);
    this.line('FN').parts = [fullName(parts, this.familyFirst)];
  }

  /** A card needs a shown name (RFC 6350, 6.2.1): what there is serves. */
  #nameSomehow(): void {
    const serves = ['NICKNAME', 'EMAIL', 'TEL', 'URL', 'NOTE'].map((name) => this.line(name).parts[0]?.trim() ?? '');
    this.line('FN').parts = [this.#composed() || serves.find(Boolean) || 'No name'];
  }

  #has(name: string): boolean {
    return this.lines.some((line) => line.name === name);
  }
}

const placesOf = (card?: Card): string[] => card?.properties.map(({ id }) => id) ?? [];

/** As much of a text as tells whether it changed: photos are long. */
const short = (text: string): string => (text.length > LONG_CHARS ? `${text.length} ${text.slice(-32)}` : text);

function randomHex(bytes: number): string {
  return [...crypto.getRandomValues(new Uint8Array(bytes))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** What the editor shows once even where the card has none. */
const SINGLE = [
  ...['FN', 'N', 'NICKNAME', 'ORG', 'TITLE', 'BDAY', 'NOTE', 'PHOTO'],
  ...['PRONOUNS', 'X-PHONETIC-FIRST-NAME', 'X-PHONETIC-LAST-NAME', 'SORT-STRING'],
];
/** Typing pauses when nothing was typed for so long. */
const AUTOSAVE_MS = 1_200;
const SITTING_BYTES = 16;
const LONG_CHARS = 4_000;
