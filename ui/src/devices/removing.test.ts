import { render } from 'svelte/server';
import { expect, test } from 'vitest';
import { mock } from '../api/mock';
import { RECOVERY_CODE } from '../api/mock/removal';
import RemoveSheet from './RemoveSheet.svelte';
import { Devices } from './devices.svelte';
import { Removing } from './removing.svelte';

const nothing = () => undefined;

async function phone() {
  const hub = mock({ contacts: 12 });
  const devices = new Devices(hub);
  await devices.load();
  const device = devices.list?.find(({ name }) => name === 'Phone');
  if (!device) throw new Error('there is a phone');
  return { hub, devices, device };
}

test('a device is removed now, and the recovery code may follow', async () => {
  const { hub, devices, device } = await phone();
  const removing = new Removing(hub, device, false);
  expect(await removing.run()).toBe(true);
  await devices.load();
  expect(devices.list?.map(({ name }) => name)).not.toContain('Phone');
  expect(devices.recoveryDue).toBe(true);
  const { body } = render(RemoveSheet, { props: { removing, onrun: async () => undefined, onclose: nothing } });
  expect(body).toContain('One thing is open');

  await hub.call('recovery.open', { code: RECOVERY_CODE, with: [] });
  await devices.load();
  expect(devices.recoveryDue).toBe(false);
});

test('a wrong code removes nothing, and is not kept once it was right', async () => {
  const { hub, devices, device } = await phone();
  const removing = new Removing(hub, device, true);
  removing.code = 'H7K2-0000';
  expect(await removing.run()).toBe(false);
  expect(removing.error?.code).toBe('wrong_code');
  await devices.load();
  expect(devices.list?.map(({ name }) => name)).toContain('Phone');

  removing.code = RECOVERY_CODE.toLowerCase();
  expect(await removing.run()).toBe(true);
  expect(removing.code).toBe('');
  expect(removing.revoked?.recovery_due).toBe(false);
  const { body } = render(RemoveSheet, { props: { removing, onrun: async () => undefined, onclose: nothing } });
  expect(removing.report?.finder.contacts).toBeGreaterThan(0);
  expect(body).toContain(`${removing.report?.finder.contacts} contacts`);
  expect(body).not.toContain('One thing is open');
});
