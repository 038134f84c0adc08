/** What can be done with linked people: invitations, what they send, and what they are sent. */
import { refusal } from './api/client';
import type { InboxUpdate, Item, Link, SafetyEntry } from './api/types';
import type { App } from './app.svelte';
import type { Overdue } from './people/overdue';
import { plural, whenExactly } from './shared/format';
import { Sharing } from './sharing/sharing.svelte';

export class Dealings {
  readonly #app: App;

  constructor(app: App) {
    this.#app = app;
  }

  invite(shown: boolean): Promise<boolean> {
    return this.#app.act(() => this.#app.people.invite(shown));
  }

  callBack(id: string): Promise<boolean> {
    return this.#app.act(() => this.#app.people.cancel(id));
  }

  /** Takes somebody's invitation; answers what is wrong with it, if anything. */
  async takeInvitation(link: string): Promise<string | undefined> {
    try {
      const { name, state } = await this.#app.people.accept(link);
      this.#app.toasts.say(state === 'waiting' ? `${name} is not reached yet. It is tried again by itself` : `You are linked with ${name}`);
      return undefined;
    } catch (thrown) {
      return refusal(thrown).message;
    }
  }

  verify({ name, person_id }: Link): Promise<boolean> {
    return this.#app.act(async () => {
      await this.#app.people.verify(person_id);
      this.#app.toasts.say(`Noted: this is ${name}`);
    });
  }

  endLink({ name, person_id }: Link): Promise<boolean> {
    return this.#app.act(async () => {
      await this.#app.people.remove(person_id);
      this.#app.toasts.say(`The link with ${name} is ended. The card stays in your book`);
    });
  }

  // --- what they send ----------------------------------------------------------------

  acceptUpdate({ id, name }: InboxUpdate, fields: string[] = []): Promise<boolean> {
    return this.#app.act(async () => {
      const { state } = await this.#app.updates.accept(id, fields);
      if (state === 'replaced') this.#app.toasts.say(`${name} said something newer meanwhile`);
      else this.#app.toasts.say(`Accepted from ${name}`, { text: 'Undo', run: () => void this.takeAnswerBack(id) });
    });
  }

  /** Takes what waits although it would be taken by itself by now. */
  acceptOverdue(overdue: Overdue[]): Promise<boolean> {
    return this.#app.act(async () => {
      await this.#app.updates.acceptAll(overdue);
      const back = async () => {
        for (const { id } of overdue) await this.takeAnswerBack(id);
      };
      this.#app.toasts.say(`Accepted ${plural(overdue.length, 'update')}`, { text: 'Undo', run: () => void back() });
    });
  }

  /** Puts an update off; it comes back by itself. */
  putOff({ id, name }: InboxUpdate, wait: string): Promise<boolean> {
    return this.#app.act(async () => {
      const { until } = await this.#app.updates.putOff(id, wait);
      this.#app.toasts.say(`${name} comes back${until ? ` ${whenExactly(until)}` : ' later'}`);
    });
  }

  refuseUpdate({ id, name }: InboxUpdate): Promise<boolean> {
    return this.#app.act(async () => {
      await this.#app.updates.refuse(id);
      this.#app.toasts.say(`Refused. What you have of ${name} stays`);
    });
  }

  takeAnswerBack(id: string): Promise<boolean> {
    return this.#app.act(async () => {
      await this.#app.updates.undo(id);
      this.#app.toasts.say('Taken back. What stood before is shown again, and you are asked from now on');
    });
  }

  blockSender({ person_id, name }: InboxUpdate): Promise<boolean> {
    return this.#app.act(async () => {
      await this.#app.people.block(person_id, true);
      await this.#app.updates.load();
      this.#app.toasts.say(`Blocked ${name}. They are not told`);
    });
  }

  /** Says which contact somebody is. */
  attach(person: string, contact: string): Promise<boolean> {
    return this.#app.act(async () => {
      await this.#app.people.attach(person, contact);
      await this.#app.updates.load();
    });
  }

  askForNews({ person_id, name }: Link): Promise<boolean> {
    return this.#app.act(async () => {
      const { answered } = await this.#app.client.call('ask', { person: person_id });
      this.#app.toasts.say(answered.length > 0 ? `Asked: you have what ${name} sent you last` : `${name} is away. It is asked again by itself`);
    });
  }

  mute({ person_id, name }: Link, on: boolean): Promise<boolean> {
    return this.#app.act(async () => {
      await this.#app.people.mute(person_id, on);
      this.#app.toasts.say(on ? `Muted ${name}. They are not told` : `${name} is shown again`);
    });
  }

  household({ person_id }: Link, on: boolean): Promise<boolean> {
    return this.#app.act(() => this.#app.people.household(person_id, on));
  }

  block({ person_id, name }: Link, on: boolean): Promise<boolean> {
    return this.#app.act(async () => {
      await this.#app.people.block(person_id, on);
      this.#app.toasts.say(on ? `Blocked ${name}. They are not told` : `No longer blocked: ${name}`);
    });
  }

  // --- what they are sent ------------------------------------------------------------

  /** No longer reads a folder of call logs, messages or mails by itself. */
  stopCalls(path: string): Promise<boolean> {
    return this.#app.act(async () => {
      await this.#app.calls.stop(path);
      this.#app.toasts.say('No longer read by itself. What was counted stays', { text: 'Undo', run: () => void this.#app.calls.take(path, true) });
    });
  }

  /** Asks who should know what is new on my card, or who should have another item. */
  askWho(item?: Item): void {
    this.#app.sharing = new Sharing(this.#app.client, item);
  }

  async sendUpdate(): Promise<void> {
    const sent = await this.#app.sharing?.send();
    if (!sent) return;
    this.#app.sharing = undefined;
    const known = sent.recipients - sent.sent;
    this.#app.toasts.say(`On its way to ${plural(sent.sent, 'person', 'people')}${known > 0 ? `. ${plural(known, 'has it', 'have it')} already` : ''}`);
  }

  // --- my card ----------------------------------------------------------------------

  show(property: string, who: string[]): Promise<boolean> {
    return this.#app.act(() => this.#app.mine.show(property, who));
  }

  holdsFrom(property: string, date: string): Promise<boolean> {
    return this.#app.act(() => this.#app.mine.from(property, date));
  }

  /** Takes a property of my card back; whoever has it is told by the next update. */
  withdraw(property: string): Promise<boolean> {
    return this.#app.act(async () => {
      await this.#app.mine.withdraw(property);
      this.#app.saved('Taken back. Send an update, so that others hear of it');
    });
  }

  stopSending(): Promise<boolean> {
    return this.#app.act(async () => {
      await this.#app.mine.stop();
      this.#app.toasts.say('Nothing leaves by itself any more');
    });
  }

  leave(when: string): Promise<boolean> {
    return this.#app.act(() => this.#app.mine.leave(when));
  }

  addItem(name: string, file: File): Promise<boolean> {
    return this.#app.act(() => this.#app.mine.add(name, file));
  }

  removeItem({ id, name }: Item): Promise<boolean> {
    return this.#app.act(async () => {
      await this.#app.mine.remove(id);
      this.#app.toasts.say(`Removed ${name}`);
    });
  }

  // --- safety -----------------------------------------------------------------------

  /** Asks about removing a device, or about erasing this one. */
  askDevice({ id, remedy }: SafetyEntry): void {
    const device = this.#app.devices.list?.find((one) => one.id === id);
    if (remedy === '') this.#app.desk.askErase();
    else if (device) this.#app.own.askRemoval(device, false);
  }

  /** Ends what a person, an account or a backup can see or change. */
  endAccess({ kind, id, name }: SafetyEntry): Promise<boolean> {
    return this.#app.act(async () => {
      if (kind === 'person') await this.#app.people.remove(id);
      else if (kind === 'account') await this.#app.accounts.remove(id);
      else if (kind === 'backup') await this.#app.client.call('backup.every', { every: 'off' });
      this.#app.toasts.say(`Ended: ${name}`);
      await this.#app.safety.load();
    });
  }
}
