/**
 * What is done with what lies around the book: files, links and accounts that come in, paper and files that go out, backups, and the window
 * itself.
 */
import { syncedText } from './accounts/words';
import type { Generation } from './api/types';
import type { App } from './app.svelte';
import { listed, titleOf } from './book/filters';
import { typesOf, type Carried } from './card/carried';
import type { Deed } from './deeds';
import { Import } from './import/import.svelte';
import { digitsToFind, sorted } from './opened';
import { Palette, type Choice } from './palette/palette.svelte';
import { Printing } from './printing/printing.svelte';
import { fileName } from './settings/formats';
import { Erasing } from './settings/erasing.svelte';
import { restoredText, Restoring } from './settings/restoring.svelte';
import { dragged } from './shared/dragged.svelte';
import { plural } from './shared/format';

export class Desk {
  readonly #app: App;

  constructor(app: App) {
    this.#app = app;
  }

  // --- in ------------------------------------------------------------------------------

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

  import(files: File[] = []): void {
    this.#app.sidebarOpen = false;
    this.#app.importing ??= new Import(this.#app.client);
    const { importing } = this.#app;
    if (files.length > 0 && !importing.busy) void importing.choose(files);
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

  // --- out -----------------------------------------------------------------------------

  #carried: Carried | undefined;

  /** Writes a card to be dragged out: a drag has to have it at hand when it begins. */
  async pickUp(id: string, name: string): Promise<void> {
    const { client } = this.#app;
    const request = { ids: [id], me: false, jscontact: false };
    const file = fileName(name);
    this.#carried = undefined;
    await this.#app.quietly(async () => {
      const { text = '' } = await client.call('export', request);
      this.#carried = { id, file, text };
      const path = await client.dragPath?.(file).catch(() => undefined);
      if (path === undefined) return;
      await client.call('export', { ...request, path });
      this.#carried = { id, file, text, path };
    });
  }

  /** Begins a drag of a card, onto a part of the book or out of the window. */
  carry(event: DragEvent, id: string, name: string): void {
    const carried = this.#carried?.id === id ? this.#carried : undefined;
    dragged.start(event, [id], carried ? typesOf(carried) : [['text/plain', name]]);
  }

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
}
