/**
 * The editor: a draft of one card, saved as one change.
 *
 * The shown name follows the parts of the name unless the person wrote it by hand. A change that arrives meanwhile
 * refreshes what the person did not touch and leaves alone what they are typing.
 */
import { refusal, type Client, type Refusal } from '../api/client';
import type { Card, PropertyEdit } from '../api/types';
import {
  editsOf,
  fullName,
  isEmpty,
  isToSave,
  linesOf,
  merge,
  newLine,
  splitName,
  writtenFamilyFirst,
  type Line,
} from './lines';

export class Editor {
  /** The contact; none while it is a new one. */
  readonly id: string | undefined;
  lines = $state<Line[]>([]);
  familyFirst = $state(false);
  /** The shown name was written by hand. */
  ownName = $state(false);
  saving = $state(false);
  error = $state.raw<Refusal>();
  /** Which device changed the card while it was open here. */
  meanwhile = $state('');
  /** The lines that just followed such a change. */
  lit = $state.raw(new Set<number>());
  #removed: string[] = [];
  #client: Client;

  constructor(client: Client, card?: Card, name = '') {
    this.#client = client;
    this.id = card?.id;
    this.lines = card ? linesOf(card) : [];
    for (const single of SINGLE) if (!this.#has(single)) this.lines.push(newLine(single));
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

  remove(line: Line): void {
    if (line.id !== undefined) this.#removed.push(line.id);
    this.lines = this.lines.filter(({ key }) => key !== line.key);
  }

  /** Changes one part of the name, or the organisation, and lets the shown name follow. */
  rename(line: Line, part: number, text: string): void {
    line.parts[part] = text;
    if (line.name === 'N' && line.base.parts.every((base) => base === ''))
      this.familyFirst = writtenFamilyFirst(line.parts);
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

  /** Whether there is anything to save. */
  get touched(): boolean {
    return this.#removed.length > 0 || this.lines.some(isToSave);
  }

  /** The shown name, for headings. */
  get shown(): string {
    return this.line('FN').parts[0] ?? '';
  }

  /** Saves as one change; answers the contact's id, or nothing if that failed. */
  async save(): Promise<string | undefined> {
    if (!this.touched) return this.id;
    if (this.shown.trim() === '') this.#nameSomehow();
    const { set, unset } = editsOf($state.snapshot(this.lines), this.#removed);
    if (this.id === undefined && isEmpty(this.line('N')) && !isEmpty(this.line('ORG'))) set.push(ORGANISATION);
    this.saving = true;
    this.error = undefined;
    try {
      const answer =
        this.id === undefined
          ? await this.#client.call('contacts.add', { properties: set })
          : await this.#client.call('contacts.edit', { id: this.id, set, unset });
      return answer.id;
    } catch (thrown) {
      this.error = refusal(thrown);
      return undefined;
    } finally {
      this.saving = false;
    }
  }

  /** Takes in the card as another device left it. */
  take(card: Card, device: string): void {
    const { lines, changed } = merge($state.snapshot(this.lines), this.#removed, card);
    this.lines = lines;
    for (const single of SINGLE) if (!this.#has(single)) this.lines.push(newLine(single));
    this.lit = new Set(changed);
    if (changed.length > 0) this.meanwhile = device;
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

/** A new card without a person's name is an organisation's (RFC 6350, 6.1.4). */
const ORGANISATION: PropertyEdit = { add: true, name: 'KIND', parts: [['org']] };

/** What the editor shows once even where the card has none. */
const SINGLE = [
  ...['FN', 'N', 'NICKNAME', 'ORG', 'TITLE', 'BDAY', 'NOTE'],
  ...['PRONOUNS', 'X-PHONETIC-FIRST-NAME', 'X-PHONETIC-LAST-NAME', 'SORT-STRING'],
];
