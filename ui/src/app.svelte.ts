/** The whole window: which page is open, and what one concept asks of another. */
import { Accounts } from './accounts/accounts.svelte';
import { refusal, type Client, type Refusal } from './api/client';
import type { Held, Named, RecoveryPrint, Status } from './api/types';
import { BirthdaysAhead } from './book/birthdays.svelte';
import { Book, type Filter } from './book/book.svelte';
import { sameFilter } from './book/filters';
import { OpenCard } from './card/card.svelte';
import { Devices } from './devices/devices.svelte';
import type { Removing } from './devices/removing.svelte';
import { Dealings } from './dealings';
import { Desk } from './desk';
import { Doings } from './doings';
import type { Comparison } from './duplicates/comparison.svelte';
import { Duplicates } from './duplicates/duplicates.svelte';
import { Editor } from './edit/editor.svelte';
import { Groups } from './groups/groups.svelte';
import { Hearing } from './hearing';
import { HeldDeletions } from './held/held.svelte';
import type { Import } from './import/import.svelte';
import { Own } from './own';
import type { Palette } from './palette/palette.svelte';
import type { Printing } from './printing/printing.svelte';
import { Backups } from './settings/backups.svelte';
import type { Erasing } from './settings/erasing.svelte';
import { Habits } from './settings/habits.svelte';
import type { Restoring } from './settings/restoring.svelte';
import { ActivityLog } from './people/activity.svelte';
import { People } from './people/people.svelte';
import { Policies } from './people/policies.svelte';
import { SafetyList } from './safety/safety.svelte';
import { Updates } from './inbox/updates.svelte';
import { Calls } from './sharing/calls.svelte';
import { Ledger } from './sharing/ledger.svelte';
import { Mine } from './sharing/mine.svelte';
import type { Sharing } from './sharing/sharing.svelte';
import { Notices } from './settings/notices.svelte';
import { Rules } from './settings/rules.svelte';
import { Settings } from './settings/settings.svelte';
import { playDrag } from './shared/dropped';
import { Toasts } from './shared/toasts.svelte';
import { Welcome } from './welcome/welcome.svelte';

const PAGES = [
  'book', 'me', 'inbox', 'birthdays', 'people', 'ledger', 'activity', 'duplicates', 'devices', 'accounts', 'safety', 'settings',
] as const;
export type Page = (typeof PAGES)[number];

export class App {
  readonly client: Client;
  readonly book: Book;
  readonly card: OpenCard;
  readonly devices: Devices;
  readonly groups: Groups;
  readonly duplicates: Duplicates;
  readonly accounts: Accounts;
  readonly held: HeldDeletions;
  readonly people: People;
  readonly policies: Policies;
  readonly updates: Updates;
  readonly calls: Calls;
  readonly ledger: Ledger;
  readonly mine: Mine;
  readonly activity: ActivityLog;
  readonly safety: SafetyList;
  readonly birthdays: BirthdaysAhead;
  readonly rules: Rules;
  readonly notices: Notices;
  readonly backups: Backups;
  /** How the app behaves on this computer; absent in a browser. */
  readonly habits?: Habits;
  readonly settings = new Settings();
  readonly toasts = new Toasts();
  welcome = $state.raw<Welcome>();
  editor = $state.raw<Editor>();
  importing = $state.raw<Import>();
  /** What is being exported; no ids mean everything. */
  exporting = $state.raw<{ ids: string[]; count: number; name?: string }>();
  /** Contacts of which one field is being edited. */
  editingMany = $state.raw<string[]>();
  /** What is being printed. */
  printing = $state.raw<Printing>();
  palette = $state.raw<Palette>();
  /** The sheet of shortcuts is open. */
  shortcuts = $state(false);
  /** A backup that may be brought back. */
  restoring = $state.raw<Restoring>();
  /** This device, while it may be erased. */
  erasing = $state.raw<Erasing>();
  /** Two contacts from the list that may become one. */
  merging = $state.raw<Comparison>();
  /** A deletion of so many that it is asked about at once. */
  asking = $state.raw<Held>();
  /** Whose card is shown as a QR code. */
  qrOf = $state.raw<Named>();
  /** A device that is being removed. */
  removing = $state.raw<Removing>();
  /** Whom an update of my card would reach, while that is asked. */
  sharing = $state.raw<Sharing>();
  /** What the recovery code is asked for. */
  recovering = $state<'open' | 'check'>();
  /** The sheet with the recovery code, while it is looked at or printed. */
  paper = $state.raw<RecoveryPrint>();
  status = $state.raw<Status>();
  /** Why the book does not open at all. */
  broken = $state.raw<Refusal>();
  page = $state<Page>('book');
  /** In a narrow window: the card is in front of the list. */
  cardInFront = $state(false);
  sidebarOpen = $state(false);
  /** When the state was last read. */
  checked = $state.raw<string>();
  /** The time of day since which there is no network. */
  offlineSince = $state<string>();

  /** What can be done with contacts and groups. */
  readonly do = new Doings(this);
  /** What can be done with linked people. */
  readonly deal = new Dealings(this);
  /** What can be done with my own devices. */
  readonly own = new Own(this);
  /** What can be done with files, accounts, paper, backups and the window itself. */
  readonly desk = new Desk(this);

  /** Reads again what events say has changed. */
  readonly #hearing = new Hearing(this);

  constructor(client: Client) {
    this.client = client;
    this.book = new Book(client);
    this.card = new OpenCard(client);
    this.devices = new Devices(client);
    this.groups = new Groups(client);
    this.duplicates = new Duplicates(client);
    this.accounts = new Accounts(client);
    this.held = new HeldDeletions(client);
    this.birthdays = new BirthdaysAhead(client);
    this.people = new People(client);
    this.policies = new Policies(client);
    this.updates = new Updates(client);
    this.calls = new Calls(client);
    this.ledger = new Ledger(client);
    this.mine = new Mine(client);
    this.activity = new ActivityLog(client);
    this.safety = new SafetyList(client);
    this.rules = new Rules(client);
    this.notices = new Notices(client);
    this.backups = new Backups(client);
    if (client.habits) this.habits = new Habits(client.habits);
  }

  /** Opens the window: hears events first, so that nothing falls between. */
  async start(): Promise<void> {
    await this.client.onEvent((event) => this.#hearing.hear(event));
    await this.client.onPage?.((page) => void this.#turnTo(page));
    await this.client.onOpened?.(() => void this.#takeOpened());
    await this.client.onDrag?.(playDrag, (why) => this.toasts.say(why));
    void this.quietly(async () => this.client.zoom?.(this.settings.zoom));
    await this.load();
  }

  /** Reads everything; shows the welcome page where there is no person yet. */
  async load(): Promise<void> {
    try {
      this.status = await this.client.call('status', {});
      this.checked = new Date().toISOString();
      this.broken = undefined;
      this.welcome = undefined;
    } catch (thrown) {
      const error = refusal(thrown);
      if (error.code === 'not_set_up') this.welcome ??= new Welcome(this.client);
      else this.broken = error;
      return;
    }
    this.book.show({ kind: 'everyone' });
    await Promise.all([this.quietly(() => this.groups.load()), this.devices.load(), this.devices.loadPending(), this.held.load(), this.rules.load(), this.people.load(), this.policies.load(), this.updates.load()]);
    await this.#takeOpened();
  }

  /** Goes on with what the app was opened with. Before there is a book, it waits. */
  async #takeOpened(): Promise<void> {
    if (!this.status || this.welcome) return;
    await this.quietly(async () => this.desk.open((await this.client.opened?.()) ?? []));
  }

  /** The card of the person is the contact whose id starts theirs. */
  get myId(): string | undefined {
    return this.status?.person.id.slice(0, CONTACT_ID_HEX);
  }

  /** More than one contact is selected in the list, and in view. */
  get several(): boolean {
    return this.page === 'book' && !this.editor && this.book.selected.size > 1;
  }

  // --- moving about ------------------------------------------------------------

  /** Turns to a page, after saving what is being edited. */
  async turn(page: Page): Promise<boolean> {
    if (!(await this.leaveEditor())) return false;
    this.sidebarOpen = false;
    if (page === 'me' && this.myId !== undefined) {
      this.book.clearSelection();
      void this.card.open(this.myId);
      void this.mine.load();
    } else if (page === 'book' && this.page === 'me') {
      this.card.close();
    }
    if (page !== this.page) this.toasts.turned();
    this.page = page;
    this.cardInFront = page !== 'book';
    if (page === 'devices') void this.devices.loadPending();
    if (page === 'birthdays') void this.birthdays.load();
    if (page === 'duplicates') void this.duplicates.load();
    if (page === 'accounts') void Promise.all([this.accounts.load(), this.calls.load()]);
    if (page === 'inbox') void Promise.all([this.held.load(), this.updates.load()]);
    this.readPeople();
    if (page === 'safety') void this.safety.load();
    if (page === 'settings') {
      void this.rules.load();
      void this.policies.load();
      void this.notices.load();
      void this.backups.load();
      void this.habits?.load();
    }
    return true;
  }

  /** Reads what the pages of linked people show, if one of them is open. */
  readPeople(): void {
    // Cards say how their people are linked, too.
    void this.people.load();
    if (this.page === 'ledger') void this.ledger.load();
    if (this.page === 'activity') void this.activity.load();
    if (this.page === 'me') void this.mine.load();
  }

  /** Turns to a page that the shell names, for one from its tray. */
  async #turnTo(name: string): Promise<void> {
    const page = PAGES.find((known) => known === name);
    if (page && this.status) await this.turn(page);
  }

  /** Shows some of the contacts. */
  async show(filter: Filter): Promise<void> {
    const same = this.page === 'book' && sameFilter(filter, this.book.filter) && this.book.find === '';
    if (!(await this.turn('book')) || same) return;
    this.card.close();
    this.book.show(filter);
  }

  /** Opens a contact's card beside the list. */
  async open(id: string, inFront: boolean): Promise<void> {
    if (this.editor?.id === id && !this.editor.changed) this.editor = undefined;
    if (!(await this.leaveEditor())) return;
    this.cardInFront = inFront;
    await this.card.open(id);
  }

  back(): void {
    this.cardInFront = false;
    if (this.page !== 'book') void this.turn('book');
  }

  // --- editing -------------------------------------------------------------------

  async add(name = ''): Promise<void> {
    if (!(await this.turn('book'))) return;
    this.book.clearSelection();
    this.editor = new Editor(this.client, undefined, name);
    this.cardInFront = true;
  }

  edit(): void {
    const { card } = this.card;
    if (!card || card.trashed || this.editor) return;
    this.editor = new Editor(this.client, card);
    // A window that is made narrow meanwhile goes on showing it.
    this.cardInFront = true;
  }

  /** Saves and closes the editor. */
  async leaveEditor(): Promise<boolean> {
    const { editor } = this;
    if (!editor) return true;
    if (!editor.changed) {
      this.editor = undefined;
      return true;
    }
    const id = await editor.finish();
    if (id === undefined) return false;
    this.editor = undefined;
    this.saved(editor.isNew ? `Added ${editor.shown}` : 'Saved');
    if (editor.isNew) {
      if (this.book.find !== '' || this.book.filter.kind === 'trash') this.book.show({ kind: 'everyone' });
      this.book.choose(id);
    }
    await this.card.open(id);
    this.changed();
    if (editor.isNew) void this.quietly(() => this.book.locate(id, editor.shown));
    return true;
  }

  /** Saves and goes on editing. */
  async saveNow(): Promise<void> {
    await this.editor?.save();
  }

  /** Takes back whatever was changed in the editor, saved or not, and closes it. */
  async discard(): Promise<void> {
    const { editor } = this;
    if (!editor || !(await editor.takeBack())) return;
    this.editor = undefined;
    this.changed();
    if (editor.isNew) this.cardInFront = false;
    else await this.card.reload();
  }

  /** Takes back whatever was changed in the editor, and goes on with it. */
  async undoEdits(): Promise<void> {
    const { editor } = this;
    if (!editor || !(await editor.takeBack())) return;
    await this.card.reload();
    const { card } = this.card;
    this.editor = card ? new Editor(this.client, card) : undefined;
    this.toasts.say('Taken back. The card is as it was when you opened the editor');
    this.changed();
  }

  // --- what was done -------------------------------------------------------------

  /** Shows what was done, with a way back. */
  saved(text: string, changes = 1): void {
    this.toasts.say(text, { text: 'Undo', run: () => void this.do.undo(changes) });
  }

  /** Reads again what a change may have touched. */
  changed(): void {
    this.#hearing.contactsChanged();
  }

  /** Does what was asked and reads again what it may have changed; says so if it failed, and answers whether it did not. */
  async act(work: () => Promise<void>): Promise<boolean> {
    let done = true;
    try {
      await work();
    } catch (thrown) {
      done = false;
      this.toasts.fail(refusal(thrown).message);
    }
    this.changed();
    await this.card.reload();
    return done;
  }

  /** Work that nobody asked for fails without a word; what it reads stays as it was. */
  async quietly(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (thrown) {
      console.warn(refusal(thrown).message);
    }
  }
}

/** A contact's id is the first half of a person's. */
const CONTACT_ID_HEX = 32;
