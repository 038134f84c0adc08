/** What can be done with contacts and groups: each doing asks the hub, says what was done, and offers the way back. */
import type { CardProperty, GroupKind, Mails, PropertyEdit } from './api/types';
import type { App } from './app.svelte';
import { addressList, mailLink } from './book/mails';
import type { Comparison } from './duplicates/comparison.svelte';
import { manyText } from './edit/many';
import { appliedText } from './held/words';
import { copy } from './shared/copy';
import { plural } from './shared/format';

export class Doings {
  readonly #app: App;

  constructor(app: App) {
    this.#app = app;
  }

  // --- a card ----------------------------------------------------------------------

  keep(property: CardProperty, value: string): Promise<boolean> {
    return this.#app.act(async () => {
      await this.#app.card.choose(property, value);
      this.#app.saved(value === '' ? 'Left out. What it was stands in the history' : 'Kept. The other value stands in the history');
    });
  }

  keepBoth(property: CardProperty, value: string): Promise<boolean> {
    return this.#app.act(async () => {
      const changes = await this.#app.card.keepAll(property, value);
      this.#app.saved('Kept both', changes);
    });
  }

  /** Moves a value of the open card past so many others of its name. */
  async move(id: string, by: number): Promise<void> {
    await this.#app.act(async () => {
      const place = await this.#app.card.move(id, by);
      if (place) this.#app.saved(`Moved to place ${place.at} of ${place.of}`);
    });
  }

  /** Puts a card on the clipboard, for programs that take one from there. */
  copyCard(id: string): Promise<boolean> {
    return this.#app.act(async () => {
      const written = this.#app.client.call('export', { ids: [id], me: false, jscontact: false });
      const copied = await copy(written.then(({ text = '' }) => text));
      await written;
      if (copied) this.#app.toasts.say('Copied as a vCard. Paste it into a mail or another program');
      else this.#app.toasts.fail('The clipboard cannot be written to here. Nothing was copied.');
    });
  }

  hide(property: CardProperty, hide: boolean): Promise<boolean> {
    return this.#app.act(async () => {
      await this.#app.card.hide(property, hide);
      this.#app.saved(hide ? 'Hidden. It stands under “Not shown”' : 'Shown again');
    });
  }

  use(shown: CardProperty, wanted: CardProperty): Promise<boolean> {
    return this.#app.act(async () => {
      await this.#app.card.use(shown, wanted);
      this.#app.saved('Saved');
    });
  }

  revert(property: string, to: string): Promise<boolean> {
    return this.#app.act(async () => {
      await this.#app.card.revert(property, to);
      this.#app.saved('Brought back');
    });
  }

  // --- contacts ---------------------------------------------------------------------

  trash(ids: string[]): Promise<boolean> {
    const { book, card, client, held } = this.#app;
    return this.#app.act(async () => {
      const answer = await client.call('contacts.trash', { ids });
      if (answer.held !== undefined) {
        await held.load();
        this.#app.asking = held.of(answer.held);
        return;
      }
      book.clearSelection();
      if (card.id !== undefined && ids.includes(card.id)) card.close();
      this.#app.cardInFront = false;
      this.#app.saved(`Moved ${answer.count === 1 ? 'it' : plural(answer.count, 'contact')} to the trash`);
    });
  }

  restore(ids: string[]): Promise<boolean> {
    return this.#app.act(async () => {
      const { count } = await this.#app.client.call('contacts.restore', { ids });
      this.#app.book.clearSelection();
      this.#app.saved(count === 1 ? 'It is back in your book' : `${plural(count, 'contact')} are back in your book`);
    });
  }

  /** Carries out a deletion that waited. */
  applyHeld(id: string): Promise<boolean> {
    this.#app.asking = undefined;
    return this.#app.act(async () => {
      const applied = await this.#app.held.apply(id);
      this.#app.book.clearSelection();
      this.#app.saved(appliedText(applied));
    });
  }

  /** Keeps the contacts of a deletion that waited. */
  discardHeld(id: string): Promise<boolean> {
    this.#app.asking = undefined;
    return this.#app.act(async () => {
      await this.#app.held.discard(id);
      this.#app.toasts.say('Kept. Nothing was deleted');
    });
  }

  /** Puts the two selected contacts beside each other. */
  compareSelected(): void {
    const { book, duplicates } = this.#app;
    const [a, b] = [...book.selected].map((id) => ({ id, name: book.rowOf(id)?.name ?? '' }));
    if (a && b) this.#app.merging = duplicates.compare(a, b);
  }

  async merge(comparison: Comparison): Promise<void> {
    const { book, card, duplicates } = this.#app;
    const stays = await comparison.merge();
    if (stays === undefined) return;
    duplicates.settle(comparison);
    this.#app.merging = undefined;
    const gone = [comparison.a.id, comparison.b.id].filter((id) => id !== stays);
    if (book.selected.size > 1) book.choose(stays);
    if (this.#app.page === 'book') await card.open(stays);
    else if (card.id !== undefined && gone.includes(card.id)) card.close();
    this.#app.saved(`Made one of ${comparison.a.name || 'two'}${sameName(comparison) ? '' : ` and ${comparison.b.name}`}`);
    this.#app.changed();
  }

  async apart(comparison: Comparison): Promise<void> {
    await this.#app.act(async () => {
      await this.#app.duplicates.apart(comparison);
      this.#app.duplicates.settle(comparison);
      this.#app.saved('Noted: they are two people');
    });
  }

  /** Takes back the last changes made on this device. */
  undo(changes = 1): Promise<boolean> {
    return this.#app.act(async () => {
      let what = '';
      for (let at = 0; at < changes; at += 1) what = (await this.#app.client.call('contacts.undo', {})).what;
      const again = { text: 'Redo', run: () => void this.redo(changes) };
      this.#app.toasts.say(what === '' ? 'Taken back' : `Taken back: ${what}`, again);
      void this.#app.quietly(() => this.#app.groups.load());
    });
  }

  /** Does again what was taken back last on this device. */
  redo(changes = 1): Promise<boolean> {
    return this.#app.act(async () => {
      let what = '';
      for (let at = 0; at < changes; at += 1) what = (await this.#app.client.call('contacts.redo', {})).what;
      this.#app.saved(what === '' ? 'Done again' : `Done again: ${what}`, changes);
      void this.#app.quietly(() => this.#app.groups.load());
    });
  }

  /** Gives contacts the favourite's star, or takes it. */
  favourite(ids: string[], on: boolean): Promise<boolean> {
    return this.#app.act(async () => {
      await this.#app.client.call('contacts.favourite', { ids, on });
      const who = ids.length === 1 ? 'favourite' : `${plural(ids.length, 'favourite')}`;
      this.#app.saved(on ? `Now ${ids.length === 1 ? 'a ' : ''}${who}` : `No longer ${ids.length === 1 ? 'a ' : ''}${who}`);
    });
  }

  /** Sets or removes one field of many contacts. */
  editMany(ids: string[], edit: { set: PropertyEdit[]; unset: string[] }): Promise<boolean> {
    this.#app.editingMany = undefined;
    return this.#app.act(async () => {
      const edited = await this.#app.client.call('contacts.edit_many', { ids, ...edit });
      if (edited.count > 0) this.#app.saved(manyText(edited));
      else this.#app.toasts.say(manyText(edited));
    });
  }

  /** Orders the list by given or family name, on all devices. */
  async sortBy(by: string): Promise<void> {
    await this.#app.rules.set({ sort_by: by });
    this.#app.changed();
  }

  /** Begins a mail to contacts; where they are too many for a link, their addresses are copied instead. */
  mailTo(ids: string[]): Promise<boolean> {
    return this.#app.act(async () => {
      const found = await this.#mails(ids);
      const link = found && mailLink(found.mails);
      if (!found) return;
      if (link === undefined) return this.#copied(found, 'Too many for one mail link. ');
      window.open(link, '_blank', 'noreferrer');
      if (found.without > 0) this.#app.toasts.say(`${plural(found.without, 'contact')} without a mail address ${found.without === 1 ? 'is' : 'are'} not among them`);
    });
  }

  copyMails(ids: string[]): Promise<boolean> {
    return this.#app.act(async () => {
      const found = await this.#mails(ids);
      if (found) await this.#copied(found);
    });
  }

  /** The mail addresses of contacts; says so if there are none. */
  async #mails(ids: string[]): Promise<Mails | undefined> {
    const found = await this.#app.client.call('contacts.mails', { ids });
    if (found.mails.length > 0) return found;
    this.#app.toasts.say(ids.length === 1 ? 'There is no mail address on this card' : 'None of them has a mail address');
    return undefined;
  }

  async #copied({ mails, without }: Mails, before = ''): Promise<void> {
    const rest = without === 0 ? '' : `. ${plural(without, 'contact')} ${without === 1 ? 'has' : 'have'} none`;
    if (await copy(addressList(mails))) this.#app.toasts.say(`${before}Copied ${plural(mails.length, 'mail address', 'mail addresses')}${rest}`);
    else this.#app.toasts.fail('The clipboard cannot be written to here. Nothing was copied.');
  }

  // --- groups -----------------------------------------------------------------------

  put(kind: GroupKind, nameOrId: string, ids: string[]): Promise<boolean> {
    const { groups } = this.#app;
    return this.#app.act(async () => {
      const count = await groups.put(kind, nameOrId, ids);
      const name = groups.of(kind).find((group) => group.id === nameOrId || group.name === nameOrId)?.name ?? nameOrId;
      this.#app.saved(ids.length === 1 ? `Put into ${name}` : `Put ${plural(count, 'contact')} into ${name}`);
      await groups.load();
    });
  }

  take(kind: GroupKind, id: string, ids: string[]): Promise<boolean> {
    const { groups } = this.#app;
    return this.#app.act(async () => {
      const name = groups.of(kind).find((group) => group.id === id)?.name ?? 'it';
      await groups.take(kind, id, ids);
      this.#app.saved(`Taken out of ${name}`);
      await groups.load();
    });
  }

  addGroup(kind: GroupKind, name: string): Promise<boolean> {
    return this.#app.act(async () => void (await this.#app.groups.add(kind, name)));
  }

  renameGroup(kind: GroupKind, id: string, name: string): Promise<boolean> {
    const { book, groups } = this.#app;
    return this.#app.act(async () => {
      await groups.rename(kind, id, name);
      if ('id' in book.filter && book.filter.id === id) book.filter = { kind, id, name };
    });
  }

  removeGroup(kind: GroupKind, id: string): Promise<boolean> {
    return this.#app.act(async () => {
      await this.#app.groups.remove(kind, id);
      this.#app.saved(kind === 'group' ? 'Group removed' : 'Tag removed');
      await this.#app.show({ kind: 'everyone' });
    });
  }
}

const sameName = ({ a, b }: Comparison): boolean => a.name === b.name || b.name === '';
