/** The first start: a new book, or this device joins one that is there. */
import { refusal, type Client, type Refusal } from '../api/client';
import type { RecoveryPrint } from '../api/types';
import type { Restored } from '../api/types';

export class Welcome {
  step = $state<'pick' | 'start' | 'code' | 'join' | 'wait' | 'restore'>('pick');
  device = $state('');
  person = $state('');
  /** The eight digits, or the link. */
  code = $state('');
  at = $state('');
  /** The recovery code, shown this once and kept nowhere. */
  recovery = $state('');
  /** The three words that both devices show. */
  words = $state('');
  /** Where the backup lies: a file, or a folder of them. */
  from = $state('');
  /** The recovery code as copied from paper. */
  written = $state('');
  /** What came back. */
  restored = $state.raw<Restored>();
  busy = $state(false);
  /** The sheet with the code, while it is looked at or printed. */
  paper = $state.raw<RecoveryPrint>();
  error = $state.raw<Refusal>();
  #client: Client;
  #attempt = 0;

  constructor(client: Client) {
    this.#client = client;
  }

  go(step: 'pick' | 'start' | 'join' | 'restore'): void {
    if (this.step === 'wait') {
      // Whoever stops waiting wants the attempt to end; if it has ended by itself, that is as well.
      this.#client.call('pair.close', {}).catch(() => undefined);
    }
    this.#attempt += 1;
    this.step = step;
    this.error = undefined;
    this.busy = false;
    this.words = '';
  }

  /** Makes the person and this first device. */
  async start(): Promise<void> {
    this.busy = true;
    this.error = undefined;
    try {
      const answer = await this.#client.call('init', { name: this.device.trim(), person: this.person.trim() });
      this.recovery = answer.recovery_code;
      this.step = 'code';
    } catch (thrown) {
      this.error = refusal(thrown);
    } finally {
      this.busy = false;
    }
  }

  /** Makes the sheet that is printed. */
  async print(): Promise<void> {
    try {
      this.paper = await this.#client.call('recovery.sheet', { code: this.recovery });
    } catch (thrown) {
      this.error = refusal(thrown);
    }
  }

  /** The book is opened: nothing here remembers the code any more. */
  forget(): void {
    this.recovery = '';
    this.paper = undefined;
  }

  /** Makes this a new device of the person whose backup it is. */
  async restore(): Promise<void> {
    this.busy = true;
    this.error = undefined;
    try {
      this.restored = await this.#client.call('restore', {
        from: this.from.trim(),
        recovery_code: this.written,
        name: this.device.trim(),
        preview: false,
        exact: false,
      });
      this.written = '';
    } catch (thrown) {
      this.error = refusal(thrown);
    } finally {
      this.busy = false;
    }
  }

  /** Enters the code and waits for the yes on the other device; says whether this device was let in. */
  async join(): Promise<boolean> {
    const attempt = ++this.#attempt;
    this.error = undefined;
    this.words = '';
    this.step = 'wait';
    try {
      const at = this.at.trim();
      await this.#client.call('pair.enter', {
        code: codeOf(this.code),
        name: this.device.trim(),
        ...(at !== '' && { at }),
      });
      return attempt === this.#attempt;
    } catch (thrown) {
      if (attempt === this.#attempt) {
        this.error = refusal(thrown);
        this.step = 'join';
      }
      return false;
    }
  }
}

/** Digits without the gaps that people type between them; a link as it is. */
export function codeOf(text: string): string {
  const trimmed = text.trim();
  return /^[\d\s-]+$/.test(trimmed) ? trimmed.replace(/[\s-]/g, '') : trimmed;
}
