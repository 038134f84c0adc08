/** Groups and tags: the same thing twice, one in the card's margin, one across it. */
import type { Client } from '../api/client';
import type { Group, GroupKind } from '../api/types';

export class Groups {
  groups = $state.raw<Group[]>([]);
  tags = $state.raw<Group[]>([]);
  #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  async load(): Promise<void> {
    const [groups, tags] = await Promise.all([
      this.#client.call('groups.list', { kind: 'group' }),
      this.#client.call('groups.list', { kind: 'tag' }),
    ]);
    this.groups = groups.groups;
    this.tags = tags.groups;
  }

  of(kind: GroupKind): Group[] {
    return kind === 'group' ? this.groups : this.tags;
  }

  async add(kind: GroupKind, name: string): Promise<string> {
    const { id } = await this.#client.call('groups.add', { kind, name });
    await this.load();
    return id;
  }

  async rename(kind: GroupKind, group: string, name: string): Promise<void> {
    await this.#client.call('groups.rename', { kind, group, name });
    await this.load();
  }

  async remove(kind: GroupKind, group: string): Promise<void> {
    await this.#client.call('groups.remove', { kind, group });
    await this.load();
  }

  /** Puts contacts in; a name that is none yet becomes a new group or tag. */
  async put(kind: GroupKind, nameOrId: string, ids: string[]): Promise<number> {
    const known = this.of(kind).find((group) => group.id === nameOrId || group.name === nameOrId);
    const group = known?.id ?? (await this.add(kind, nameOrId));
    const { count } = await this.#client.call('groups.put', { kind, group, ids });
    return count;
  }

  async take(kind: GroupKind, group: string, ids: string[]): Promise<void> {
    await this.#client.call('groups.take', { kind, group, ids });
  }
}
