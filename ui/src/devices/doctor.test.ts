/** The panel that says why a device is away. */
import { render } from 'svelte/server';
import { expect, test } from 'vitest';
import { mock } from '../api/mock';
import { Devices } from './devices.svelte';
import Doctor from './Doctor.svelte';

async function drawn(alone: boolean): Promise<string> {
  const devices = new Devices(mock({ contacts: 3, alone, delayMs: 0 }));
  await devices.load();
  await devices.examine();
  return render(Doctor, { props: { devices } }).body;
}

test('a device that is away has a sentence and a remedy', async () => {
  const body = await drawn(false);
  expect(body).toContain('data-code="away"');
  expect(body).toContain('Old tablet is not heard.');
  expect(body).toContain('Switch it on');
});

test('while every device is reached there is no panel', async () => {
  expect(await drawn(true)).not.toContain('data-testid="doctor"');
});

test('what a finding says is text', async () => {
  const hub = mock({ contacts: 3, delayMs: 0 });
  hub.handlers.doctor = () => ({ findings: [{ code: 'away', message: '<img src=x onerror=1>', remedy: '<b>' }] });
  const devices = new Devices(hub);
  await devices.load();
  await devices.examine();
  const { body } = render(Doctor, { props: { devices } });
  expect(body).toContain('&lt;img');
  expect(body).not.toContain('<img');
});
