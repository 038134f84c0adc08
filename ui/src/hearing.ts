/** What the window does with what the hub tells: it reads again what it shows. Many events at once are answered by one reading. */
import type { Event } from './api/types';
import type { App } from './app.svelte';
import { soon } from './shared/soon';

export class Hearing {
  readonly #app: App;
  /** Who last changed the open card from elsewhere. */
  #changedBy = '';
  readonly #statusSoon = soon(() => this.#readStatus(), PAUSE_MS);
  readonly #listSoon = soon(() => this.#app.book.refresh(), PAUSE_MS);
  readonly #groupsSoon = soon(() => void this.#app.quietly(() => this.#app.groups.load()), PAUSE_MS);
  readonly #devicesSoon = soon(() => void this.#app.devices.load(), PAUSE_MS);
  readonly #birthdaysSoon = soon(() => void this.#app.birthdays.load(), LONG_PAUSE_MS);
  readonly #duplicatesSoon = soon(() => void this.#app.duplicates.load(), LONG_PAUSE_MS);

  constructor(app: App) {
    this.#app = app;
  }

  /** Takes in what an event says. */
  hear(event: Event): void {
    const app = this.#app;
    switch (event.kind) {
      case 'contacts_changed':
        return this.#contactsChangedBy(event.ids, event.device);
      case 'groups_changed':
        this.#groupsSoon();
        if (app.card.id !== undefined) void this.#readCard();
        return this.#listSoon();
      case 'held_changed':
        this.#statusSoon();
        return void app.held.load();
      case 'accounts_changed':
        this.#statusSoon();
        if (app.page === 'accounts') void app.accounts.load();
        return;
      case 'backup_changed':
        this.#statusSoon();
        if (app.page === 'settings' && !app.backups.busy) void app.backups.load();
        return;
      case 'settings_changed':
        void app.rules.load();
        void app.policies.load();
        void app.updates.load();
        if (app.page === 'settings') void app.notices.load();
        return this.#listSoon();
      case 'devices_changed':
        this.#statusSoon();
        return this.#devicesSoon();
      case 'people_changed':
        this.#statusSoon();
        if (app.page === 'safety') void app.safety.load();
        void app.updates.load();
        return app.readPeople();
      case 'inbox_changed':
        this.#statusSoon();
        return void app.updates.load();
      case 'notice_changed':
        // The shell's.
        return;
      case 'set_up':
        // While the recovery code is shown, or what came back, the book waits behind it.
        if (!app.welcome || ['start', 'code', 'restore'].includes(app.welcome.step)) return;
        return void app.load();
      case 'erased':
        // Nothing of the old book stays in the window's memory.
        return location.reload();
      case 'pair_asked':
        return app.devices.asked(event.device);
      case 'pair_changed':
        return void app.devices.loadPending();
      case 'pair_words':
        if (app.welcome) app.welcome.words = event.words;
        return;
      case 'progress':
        if (app.importing && event.work === 'import') app.importing.progress = event;
        return;
      case 'trouble':
        return app.toasts.fail(event.message);
    }
  }

  /** Reads again what any change may have touched. */
  contactsChanged(): void {
    this.#statusSoon();
    this.#listSoon();
  }

  #contactsChangedBy(ids: string[], device: string | null): void {
    const app = this.#app;
    if (app.welcome) return;
    this.contactsChanged();
    this.#groupsSoon();
    // A change that a device lacks makes it one more behind.
    this.#devicesSoon();
    if (app.page === 'duplicates') this.#duplicatesSoon();
    if (app.page === 'birthdays') this.#birthdaysSoon();
    const open = app.card.id;
    if (open === undefined || (ids.length > 0 && !ids.includes(open))) return;
    this.#changedBy = this.#deviceName(device);
    if (app.page === 'me') void app.mine.load();
    void this.#readCard();
  }

  /** Reads the open card again, for its editor, too. Of readings that overlap, the last one brings what changed. */
  async #readCard(): Promise<void> {
    await this.#app.card.reload();
    const { card, editor } = this.#app;
    if (card.card && editor?.id === card.card.id) editor.take(card.card, this.#changedBy);
  }

  /** An event names a device by id or by name; people know names. */
  #deviceName(device: string | null): string {
    if (device === null) return 'Another program here';
    if (device === '') return 'Another device';
    return (
      this.#app.devices.list?.find(({ id }) => id === device)?.name ??
      (/^[0-9a-f]{16,}$/.test(device) ? 'Another device' : device)
    );
  }

  async #readStatus(): Promise<void> {
    if (this.#app.welcome) return;
    await this.#app.quietly(async () => {
      this.#app.status = await this.#app.client.call('status', {});
      this.#app.checked = new Date().toISOString();
    });
  }
}

const PAUSE_MS = 120;
/** Looking for duplicates reads the whole book. */
const LONG_PAUSE_MS = 1_500;
