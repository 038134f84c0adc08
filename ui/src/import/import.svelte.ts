/**
 * Bringing files in: read here, looked at and tried without changing anything, then done, and taken back if need be.
 *
 * Pictures and the screen are looked at for QR codes; a code that holds a card becomes one more file.
 */
import { refusal, type Client, type Refusal } from '../api/client';
import type { ImportFile, ImportLooked, Imported, QrText } from '../api/types';
import { base64 } from '../shared/base64';
import { isPicture, withColumn } from './mapping';

/** A file with what the hub takes it for. */
export interface Chosen {
  file: ImportFile;
  /** What it is taken for; none if it cannot be read. */
  look?: ImportLooked;
  /** Why it cannot be read; then it is left out. */
  error?: Refusal;
}

export class Import {
  chosen = $state.raw<Chosen[]>([]);
  /** Codes that hold no card. */
  codes = $state.raw<QrText[]>([]);
  /** What would happen, or what did. */
  report = $state.raw<Imported>();
  stage = $state<'choose' | 'trying' | 'tried' | 'importing' | 'done'>('choose');
  progress = $state.raw<{ done: number; total: number }>();
  error = $state.raw<Refusal>();
  /** The person asked for the end of what is under way. */
  stopping = $state(false);
  #client: Client;
  #changing = Promise.resolve();
  #sequence = 0;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Something is under way that must end first. */
  get busy(): boolean {
    return this.stage === 'trying' || this.stage === 'importing';
  }

  /** Reads the files and asks what importing them would do. */
  choose(files: File[]): Promise<void> {
    return this.#begin(async () => {
      const large = files.find((file) => file.size > (isPicture(file) ? PICTURE_BYTES_MAX : FILE_BYTES_MAX));
      if (large) throw tooLarge(large);
      const found: ImportFile[] = [];
      for (const file of files) {
        const content = await base64(file);
        if (isPicture(file)) found.push(...(await this.#codesOf(content, file.name)));
        else found.push({ name: file.name, content });
      }
      return found;
    });
  }

  /** Takes files by their paths, as the system hands them to the app. */
  open(paths: string[]): Promise<void> {
    return this.#begin(async () => paths.map((name) => ({ name })));
  }

  /** Looks for a code on the screen. */
  scan(): Promise<void> {
    return this.#begin(() => this.#codesOf(undefined, 'what the screen shows'));
  }

  /** Reads a file in another character set. */
  recode(at: number, charset: string): Promise<void> {
    return this.#change(at, ({ file }) => ({ ...file, charset }));
  }

  /** Gives a column another meaning. */
  map(at: number, column: number, field: string): Promise<void> {
    return this.#change(at, ({ file, look }) => ({ ...file, ...(look && { columns: withColumn(look, column, field) }) }));
  }

  /** Leaves a file out. */
  async drop(at: number): Promise<void> {
    if (this.busy) return;
    this.chosen = this.chosen.filter((_, place) => place !== at);
    await this.#try();
  }

  /** Imports what was tried. */
  async run(): Promise<void> {
    this.stage = 'importing';
    this.progress = undefined;
    this.error = undefined;
    this.stopping = false;
    try {
      this.report = await this.#client.call('import', { files: this.#files, dry_run: false });
      this.stage = 'done';
      this.chosen = [];
    } catch (thrown) {
      this.error = refusal(thrown);
      this.stage = 'tried';
    }
  }

  /** Asks for the end of the import, or of the trial, that is under way. What came in until then is told, and can be taken back. */
  async stop(): Promise<void> {
    this.stopping = true;
    try {
      await this.#client.call('import.stop', {});
    } catch (thrown) {
      this.stopping = false;
      this.error = refusal(thrown);
    }
  }

  /** Takes the last import back; answers what that was, or nothing if it failed. */
  async undo(): Promise<string | undefined> {
    this.error = undefined;
    try {
      const { what } = await this.#client.call('import.undo', {});
      this.report = undefined;
      this.stage = 'choose';
      return what;
    } catch (thrown) {
      this.error = refusal(thrown);
      return undefined;
    }
  }

  /** How many contacts an import would touch. */
  get count(): number {
    return (this.report?.added ?? 0) + (this.report?.updated ?? 0);
  }

  get #files(): ImportFile[] {
    return this.chosen.filter(({ error }) => !error).map(({ file }) => file);
  }

  async #begin(read: () => Promise<ImportFile[]>): Promise<void> {
    this.error = undefined;
    this.report = undefined;
    this.codes = [];
    this.stage = 'trying';
    this.stopping = false;
    this.progress = undefined;
    try {
      const files = await read();
      this.chosen = await Promise.all(files.map((file) => this.#look(file)));
    } catch (thrown) {
      this.error = refusal(thrown);
      this.chosen = [];
    }
    await this.#try();
  }

  /** One change after the other: each begins with what the one before came to. */
  #change(at: number, file: (chosen: Chosen) => ImportFile): Promise<void> {
    return (this.#changing = this.#changing.then(() => this.#changeNow(at, file)));
  }

  async #changeNow(at: number, file: (chosen: Chosen) => ImportFile): Promise<void> {
    const chosen = this.chosen[at];
    if (!chosen || this.busy) return;
    const changed = await this.#look(file(chosen));
    this.chosen = this.chosen.map((one, place) => (place === at ? changed : one));
    await this.#try();
  }

  /** Asks what would happen. A table of which nobody knows the columns is refused, until a person says what they mean. */
  async #try(): Promise<void> {
    const sequence = ++this.#sequence;
    const files = this.#files;
    if (files.length > 0) this.error = undefined;
    let report: Imported | undefined;
    try {
      if (files.length > 0) report = await this.#client.call('import', { files, dry_run: true });
    } catch (thrown) {
      if (sequence === this.#sequence) this.error = refusal(thrown);
    }
    // Of changes that overlap, the last one is answered.
    if (sequence !== this.#sequence) return;
    // Of a trial that was stopped, nothing can be said.
    if (report?.stopped) [report, this.chosen] = [undefined, []];
    this.report = report;
    this.stage = this.chosen.length > 0 ? 'tried' : 'choose';
  }

  async #look(file: ImportFile): Promise<Chosen> {
    try {
      return { file, look: await this.#client.call('import.look', { file }) };
    } catch (thrown) {
      return { file, error: refusal(thrown) };
    }
  }

  /** The cards in the codes of a picture, each as a file; remembers the other codes, to tell of them. */
  async #codesOf(picture: string | undefined, where: string): Promise<ImportFile[]> {
    const { codes } = await this.#client.call('qr.scan', picture === undefined ? {} : { picture });
    if (codes.length === 0) throw { code: 'not_found', message: `No QR code was found in ${where}.` } satisfies Refusal;
    this.codes = [...this.codes, ...codes.filter(({ kind }) => kind !== 'card')].slice(0, CODES_TOLD_MAX);
    const cards = codes.filter(({ kind }) => kind === 'card');
    return cards.map(({ text }) => ({ name: `QR code in ${where}`, content: base64Of(text) }));
  }
}

const tooLarge = ({ name }: File): Refusal => ({
  code: 'too_large',
  message: `“${name}” is too large. Split it, or import it from the command line.`,
});

const base64Of = (text: string): string => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

const CODES_TOLD_MAX = 5;
const FILE_BYTES_MAX = 256 * 1024 * 1024;
const PICTURE_BYTES_MAX = 32 * 1024 * 1024;
