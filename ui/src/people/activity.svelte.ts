/** What linked people changed, by day. */
import { Reading } from '../api/reading.svelte';
import type { ActivityEntry } from '../api/types';
import { daysOf, type Day } from './activity';

export class ActivityLog extends Reading {
  /** Nothing before the first answer. */
  entries = $state.raw<ActivityEntry[]>();
  #limit = PAGE;

  load(): Promise<void> {
    return this.read(async () => {
      this.entries = (await this.client.call('activity', { limit: this.#limit })).entries;
    });
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
