/** Bringing files in: read here, tried without changing anything, then done. */
import { refusal, type Client, type Refusal } from '../api/client';
import type { ImportFile, Imported } from '../api/types';

export class Import {
  files = $state.raw<ImportFile[]>([]);
  /** What would happen, or what did. */
  report = $state.raw<Imported>();
  stage = $state<'choose' | 'trying' | 'tried' | 'importing' | 'done'>('choose');
  progress = $state.raw<{ done: number; total: number }>();
  error = $state.raw<Refusal>();
  #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Reads the files and asks what importing them would do. */
  async choose(files: File[]): Promise<void> {
    this.error = undefined;
    this.report = undefined;
    const large = files.find((file) => file.size > FILE_BYTES_MAX);
    if (large) {
      this.error = {
        code: 'too_large',
        message: `“${large.name}” is larger than 256 MB. Split it, or import it from the command line.`,
      };
      return;
    }
    this.stage = 'trying';
    try {
      this.files = await Promise.all(files.map(async (file) => ({ name: file.name, content: await base64(file) })));
      this.report = await this.#client.call('import', { files: this.files, dry_run: true });
      this.stage = 'tried';
    } catch (thrown) {
      this.error = refusal(thrown);
      this.stage = 'choose';
    }
  }

  /** Imports what was tried. */
  async run(): Promise<void> {
    this.stage = 'importing';
    this.progress = undefined;
    try {
      this.report = await this.#client.call('import', { files: this.files, dry_run: false });
      this.stage = 'done';
      this.files = [];
    } catch (thrown) {
      this.error = refusal(thrown);
      this.stage = 'tried';
    }
  }

  /** How many contacts an import would touch. */
  get count(): number {
    return (this.report?.added ?? 0) + (this.report?.updated ?? 0);
  }
}

/** The file's bytes in base64, read by the browser in one go. */
function base64(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,?/, ''));
    reader.onerror = () =>
      reject({ code: 'file_unavailable', message: `“${file.name}” cannot be read. Is it still there?` });
    reader.readAsDataURL(file);
  });
}

const FILE_BYTES_MAX = 256 * 1024 * 1024;
