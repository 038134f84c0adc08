/** What can be done in the window: each doing asks the hub, says what was done, and offers the way back. */
import type { Request } from './api/client';
import type { CardProperty, Device, Generation, GroupKind } from './api/types';
import { syncedText } from './accounts/words';
import type { App } from './app.svelte';
import type { Filter } from './book/book.svelte';
import { titleOf } from './book/filters';
import type { Deed } from './deeds';
import { Removing } from './devices/removing.svelte';
import type { Comparison } from './duplicates/comparison.svelte';
import { appliedText } from './held/words';
import { Import } from './import/import.svelte';
import { digitsToFind, sorted } from './opened';
import { Palette, type Choice } from './palette/palette.svelte';
import { Printing } from './printing/printing.svelte';
import { Erasing } from './settings/erasing.svelte';
import { restoredText, Restoring } from './settings/restoring.svelte';
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
      this.#app.saved('Decided');
    });
  }

  keepBoth(property: CardProperty, value: string): Promise<boolean> {
    return this.#app.act(async () => {
      const changes = await this.#app.card.keepAll(property, value);
      this.#app.saved('Kept both', changes);
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
      this.#app.toasts.say(what === '' ? 'Taken back' : `Taken back: ${what}`);
      void this.#app.quietly(() => this.#app.groups.load());
    });
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

  // --- devices ----------------------------------------------------------------------

  async pair(): Promise<void> {
    if (await this.#app.turn('devices')) await this.#app.act(() => this.#app.devices.show());
  }

  closePairing(): Promise<boolean> {
    return this.#app.act(() => this.#app.devices.close());
  }

  async approve(id: string): Promise<void> {
    const name = this.#app.devices.pending.find((device) => device.id === id)?.name ?? 'The device';
    await this.#app.act(async () => {
      await this.#app.devices.approve(id);
      this.#app.toasts.say(`${name} is let in. Your book goes there now.`);
    });
  }

  async refuse(id: string): Promise<void> {
    await this.#app.act(() => this.#app.devices.refuse(id));
  }

  /** Asks whether a device is to be removed. */
  askRemoval(device: Device, lost: boolean): void {
    this.#app.removing = new Removing(this.#app.client, device, lost);
  }

  async removeDevice(): Promise<void> {
    if (!(await this.#app.removing?.run())) return;
    await this.#app.devices.load();
    this.#app.changed();
  }

  /** Begins a new list of devices by the recovery code. Rejects with what is wrong with it. */
  async openList(code: string): Promise<void> {
    const { devices } = await this.#app.client.call('recovery.open', { code, with: [] });
    this.#app.recovering = undefined;
    this.#app.toasts.say(`Done. Your devices are ${devices.map(({ name }) => name).join(', ')}.`);
    await this.#app.devices.load();
    this.#app.changed();
  }

  /** Sees whether a code is right, and shows the sheet to print. Rejects with what is wrong with it. */
  async checkCode(code: string): Promise<void> {
    this.#app.paper = await this.#app.client.call('recovery.sheet', { code });
    this.#app.recovering = undefined;
  }

  // --- files and accounts -------------------------------------------------------------

  import(files: File[] = []): void {
    this.#app.sidebarOpen = false;
    this.#app.importing ??= new Import(this.#app.client);
    const { importing } = this.#app;
    if (files.length > 0 && !importing.busy) void importing.choose(files);
  }

  /** Goes on with files, numbers and addresses that the system handed to the app. */
  async open(things: string[]): Promise<void> {
    const { files, numbers, addresses } = sorted(things);
    if (files.length > 0) {
      this.import();
      const { importing } = this.#app;
      if (importing && !importing.busy) void importing.open(files);
    }
    const [number] = numbers;
    const [address] = addresses;
    if (number !== undefined) await this.#find('TEL', number, digitsToFind(number));
    else if (address !== undefined) await this.#find('EMAIL', address, [address]);
  }

  /** Shows whom a number or an address belongs to; where that is nobody, offers to write them down. */
  async #find(name: 'TEL' | 'EMAIL', value: string, ways: string[]): Promise<void> {
    const app = this.#app;
    if (!(await app.turn('book'))) return;
    app.book.show({ kind: 'everyone' });
    for (const find of ways) {
      const { total, contacts } = await app.client.call('contacts.list', { ...listed({ kind: 'everyone' }, find), offset: 0, limit: 2 });
      const [sole] = contacts;
      if (total === 1 && sole) {
        app.book.choose(sole.id);
        return app.open(sole.id, true);
      }
      if (total > 1) return app.book.search(find);
    }
    app.toasts.say(`Nobody in your book has ${value}.`, { text: 'New contact', run: () => void this.#addWith(name, value) });
  }

  async #addWith(name: 'TEL' | 'EMAIL', value: string): Promise<void> {
    await this.#app.add();
    const { editor } = this.#app;
    const line = editor?.all(name)[0];
    if (editor && line) editor.write(line, 0, value);
  }

  // --- out -----------------------------------------------------------------------------

  /** What an export or a print is of: the open card, the selected ones, or all of the list. */
  #meant(): { ids: string[]; name?: string } {
    const { book, card, page } = this.#app;
    if (page === 'book' && book.selected.size > 1) return { ids: [...book.selected] };
    if (page === 'book' && card.card) return { ids: [card.card.id], name: card.card.name };
    return { ids: [] };
  }

  export(): void {
    const { ids, name } = this.#meant();
    const count = ids.length || (this.#app.status?.book.contacts ?? 0);
    if (count > 0) this.#app.exporting = { ids, count, ...(name !== undefined && { name }) };
  }

  /** Prints the open card, the selected contacts, or all that the list shows. */
  print(): void {
    const app = this.#app;
    const { ids, name } = this.#meant();
    const { filter, find } = app.book;
    const printing = new Printing(app.client, name ?? titleOf(filter), name === undefined ? 'list' : 'cards');
    app.printing = printing;
    if (ids.length > 0) void printing.readThese(ids);
    else void printing.readAll((offset, limit) => app.client.call('contacts.list', { ...listed(filter, find), offset, limit }));
  }

  // --- the window ---------------------------------------------------------------------

  /** Opens the palette; `able` says what can be done now. */
  openPalette(able: (deed: Deed) => boolean): void {
    const { client, groups } = this.#app;
    this.#app.palette = new Palette(client, groups.groups, groups.tags, able);
  }

  /** Goes to what was chosen in the palette, unless it is a doing. */
  async goTo(choice: Exclude<Choice, { kind: 'deed' }>): Promise<void> {
    const app = this.#app;
    if (choice.kind !== 'person') return app.show({ kind: choice.kind, id: choice.group.id, name: choice.group.name });
    if (!(await app.turn('book'))) return;
    app.book.choose(choice.row.id);
    await app.open(choice.row.id, true);
    void app.quietly(() => app.book.locate(choice.row.id, choice.row.name));
  }

  /** Draws everything a step larger or smaller, or, by nothing, as usual. */
  zoom(by: number): void {
    const { client, settings } = this.#app;
    if (!client.zoom) return;
    settings.stepZoom(by);
    void this.#app.quietly(async () => client.zoom?.(settings.zoom));
  }

  switchTheme(): void {
    const { settings } = this.#app;
    settings.theme = settings.dark ? 'light' : 'dark';
  }

  // --- backups, and the end -------------------------------------------------------------

  askRestore(from: Generation): void {
    this.#app.restoring = new Restoring(this.#app.client, from);
  }

  /** Brings back what was looked at: all of it, or one contact. */
  async restoreBackup(contact?: string): Promise<void> {
    const app = this.#app;
    const restored = await app.restoring?.run(contact);
    if (!restored) return;
    app.restoring?.forget();
    app.restoring = undefined;
    app.saved(restoredText(restored));
    app.changed();
    void app.backups.load();
  }

  askErase(): void {
    const { backups, client, status } = this.#app;
    if (status) this.#app.erasing = new Erasing(client, status, backups.plan?.folder ?? '');
  }

  closeImport(): void {
    const { importing } = this.#app;
    this.#app.importing = undefined;
    if (importing?.stage === 'done' && importing.count > 0)
      this.#app.saved(`Imported ${plural(importing.count, 'contact')}`);
  }

  async runImport(): Promise<void> {
    await this.#app.importing?.run();
    this.#app.changed();
  }

  /** Takes the last import back, whatever was changed since. */
  async undoImport(): Promise<void> {
    const what = await this.#app.importing?.undo();
    if (what === undefined) return;
    this.#app.importing = undefined;
    this.#app.toasts.say(`Taken back: ${what}`);
    this.#app.changed();
  }

  addAccount(path: string, name: string): Promise<boolean> {
    return this.#app.act(async () => {
      const answer = await this.#app.accounts.add(path, name);
      this.#app.toasts.say(`Added. ${syncedText(answer)}`);
    });
  }

  syncAccount(id: string): Promise<boolean> {
    return this.#app.act(async () => this.#app.toasts.say(syncedText(await this.#app.accounts.sync(id))));
  }

  removeAccount(id: string, name: string): Promise<boolean> {
    return this.#app.act(async () => {
      await this.#app.accounts.remove(id);
      this.#app.saved(`Removed ${name}. What you wrote yourself stays`);
    });
  }
}

const sameName = ({ a, b }: Comparison): boolean => a.name === b.name || b.name === '';

/** The question for a part of a list. */
function listed(filter: Filter, find: string): Omit<Request<'contacts.list'>, 'offset' | 'limit'> {
  const { kind } = filter;
  return {
    trash: kind === 'trash',
    undecided: kind === 'undecided',
    recent: kind === 'recent',
    ...((kind === 'group' || kind === 'tag') && { [kind]: filter.id }),
    ...(find.trim() !== '' && { find: find.trim() }),
  };
}
