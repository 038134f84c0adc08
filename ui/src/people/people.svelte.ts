/** The people I am linked with, invitations that nobody used yet, and the one that is shown. */
import { Reading } from '../api/reading.svelte';
import type { LinkAccepted, LinkInvited, Links } from '../api/types';

export class People extends Reading {
  /** Nothing before the first answer. */
  all = $state.raw<Links>();
  /** The invitation that is in view. */
  invited = $state.raw<LinkInvited & { shown: boolean }>();

  load(): Promise<void> {
    return this.read(async () => {
      this.all = await this.client.call('link.list', {});
      // Somebody used it: it is good for nobody else.
      if (!this.all.invitations.some(({ id }) => id === this.invited?.id)) this.invited = undefined;
    });
  }

  /** Makes an invitation: one to scan, face to face, or one to send. */
  async invite(shown: boolean): Promise<void> {
    this.invited = { ...(await this.client.call('link.invite', { shown })), shown };
    await this.load();
  }

  /** Calls an invitation back, which nobody can use from then on, or the yes to somebody's that waits. */
  async cancel(id: string): Promise<void> {
    await this.client.call('link.cancel', { id });
    if (this.invited?.id === id) this.invited = undefined;
    await this.load();
  }

  /** Takes somebody's invitation. */
  async accept(link: string): Promise<LinkAccepted> {
    const accepted = await this.client.call('link.accept', { link: link.trim() });
    await this.load();
    return accepted;
  }

  /** Notes that I made sure who somebody is. */
  async verify(id: string): Promise<void> {
    await this.client.call('link.verify', { id });
    await this.load();
  }

  /** Ends a link: from then on neither sends the other anything. */
  async remove(id: string): Promise<void> {
    await this.client.call('link.remove', { id });
    await this.load();
  }

  /** Stops everything between us, or lets it go on. They are not told. */
  async block(id: string, on: boolean): Promise<void> {
    await this.client.call('link.block', { id, on });
    await this.load();
  }

  /** Hides what they do, or shows it. They are not told. */
  async mute(id: string, on: boolean): Promise<void> {
    await this.client.call('link.mute', { id, on });
    await this.load();
  }

  /** Says whether we share a home. */
  async household(id: string, on: boolean): Promise<void> {
    await this.client.call('link.household', { id, on });
    await this.load();
  }

  /** Says which contact somebody is. */
  async attach(id: string, contact: string): Promise<void> {
    await this.client.call('link.attach', { id, contact });
    await this.load();
  }

  words(id: string): Promise<{ mine: string; theirs: string }> {
    return this.client.call('link.words', { id });
  }
}
