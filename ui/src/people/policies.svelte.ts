/** What becomes of updates that arrive: of everybody's, of one person's, and of single fields. */
import { Reading } from '../api/reading.svelte';
import type { PolicyRow } from '../api/types';
import { POLICY_AT_FIRST } from './words';

export class Policies extends Reading {
  /** Nothing before the first answer. */
  rows = $state.raw<PolicyRow[]>();
  /** Whether those who send hear what became of it. */
  tell = $state(false);

  load(): Promise<void> {
    return this.#ask(() => this.client.call('policy.show', {}));
  }

  /** Says what becomes of updates; an empty policy says nothing any more. */
  set(policy: string, person?: string, field?: string): Promise<void> {
    const whose = { ...(person !== undefined && { person }), ...(field !== undefined && { field }) };
    return this.#ask(() => this.client.call('policy.set', { policy, ...whose }));
  }

  letKnow(on: boolean): Promise<void> {
    return this.#ask(() => this.client.call('policy.tell', { on }));
  }

  /** What is said for a person, or for everybody; empty if nothing is. */
  of(person?: string, field?: string): string {
    return this.rows?.find((row) => row.person_id === person && row.field === field)?.policy ?? '';
  }

  /** What becomes of a field of somebody's: the narrowest that was said counts. */
  counting(person: string, field: string): string {
    return this.of(person, field) || this.of(person) || this.of(undefined, field) || this.of() || POLICY_AT_FIRST;
  }

  /** The fields of which something is said on their own. */
  fieldsOf(person?: string): string[] {
    return (this.rows ?? []).flatMap(({ person_id, field }) => (person_id === person && field !== undefined ? [field] : []));
  }

  #ask(work: () => Promise<{ policies: PolicyRow[]; tell: boolean }>): Promise<void> {
    return this.read(async () => {
      const { policies, tell } = await work();
      this.rows = policies;
      this.tell = tell;
    });
  }
}
