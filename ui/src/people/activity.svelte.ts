/** What linked people changed, by day. */
import { refusal, type Client, type Refusal } from '../api/client';
import type { ActivityEntry } from '../api/types';
import { daysOf, type Day } from './activity';

export class ActivityLog {
  /** Nothing before the first answer. */
  entries = $state.raw<ActivityEntry[]>();
  error = $state.raw<Refusal>();
  readonly #client: Client;
  #limit = PAGE;

  constructor(client: Client) {
    this.#client = client;
  }

  async load(): Promise<void> {
    try {
      this.entries = (await this.#client.call('activity', { limit: this.#limit })).entries;
      this.error = undefined;
    } catch (thrown) {
      this.error = refusal(thrown);
    }
  }

  /** Reads as many again. */
  more(): Promise<void> {
    this.#limit = Math.min(this.#limit + PAGE, LIMIT_MAX);
    return this.load();
  }

  get hasMore(): boolean {
    return (this.entries?.length ?? 0) >= this.#limit && this.#limit < LIMIT_MAX;
  }

  get days(): Day[] {
    return daysOf(this.entries ?? []);
  }
}

const PAGE = 100;
/** The hub hands out no more. */
const LIMIT_MAX = 1_000;
