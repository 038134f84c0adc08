/** Who should know: whom an update of my card would reach, looked at before anything is sent. */
import { refusal, type Client, type Refusal } from '../api/client';
import type { Audience, AudiencePreview, UpdateSent } from '../api/types';

const NOBODY: Audience = { everyone: false, groups: [], tags: [], contacts: [], kinds: [], except: [] };

export class Sharing {
  audience = $state.raw<Audience>({ ...NOBODY, everyone: true });
  preview = $state.raw<AudiencePreview>();
  error = $state.raw<Refusal>();
  busy = $state(false);
  readonly #client: Client;
  #sequence = 0;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Looks whom this audience is. Of questions that overlap, the last one counts. */
  async look(audience = this.audience): Promise<void> {
    this.audience = audience;
    const sequence = ++this.#sequence;
    try {
      const preview = await this.#client.call('audience', { audience });
      if (sequence !== this.#sequence) return;
      this.preview = preview;
      this.error = undefined;
    } catch (thrown) {
      if (sequence === this.#sequence) this.error = refusal(thrown);
    }
  }

  everyone(): Promise<void> {
    return this.look({ ...NOBODY, everyone: true });
  }

  some(): Promise<void> {
    return this.look({ ...this.audience, everyone: false });
  }

  /** Takes a group or a tag in, or out again. */
  toggle(kind: 'groups' | 'tags', id: string): Promise<void> {
    const has = this.audience[kind].includes(id);
    const next = has ? this.audience[kind].filter((other) => other !== id) : [...this.audience[kind], id];
    return this.look({ ...this.audience, everyone: false, [kind]: next });
  }

  /** Leaves somebody out of it. */
  leaveOut(contact: string): Promise<void> {
    return this.look({ ...this.audience, except: [...this.audience.except, contact] });
  }

  /** Sends it; answers what became of it, or nothing if that failed. */
  async send(): Promise<UpdateSent | undefined> {
    this.busy = true;
    try {
      return await this.#client.call('update.send', { audience: this.audience });
    } catch (thrown) {
      this.error = refusal(thrown);
      return undefined;
    } finally {
      this.busy = false;
    }
  }
}
