import { expect, test } from 'vitest';
import { mock } from '../api/mock';
import { Erasing } from './erasing.svelte';
import { restoredText, Restoring } from './restoring.svelte';

test('a device is erased only with its name typed and its last backup made or declined', async () => {
  const hub = mock({ contacts: 10 });
  const erasing = new Erasing(hub, await hub.call('status', {}), '');
  expect(erasing.complete).toEqual(['Phone', 'Studio PC']);
  erasing.typed = 'This laptop';
  expect(erasing.ready).toBe(false);
  erasing.folder = '/media/stick';
  expect(erasing.ready).toBe(true);
  erasing.typed = 'This lap';
  expect(erasing.ready).toBe(false);
  await erasing.run();
  expect(erasing.error?.message).toContain('Nothing was erased');
  erasing.typed = 'This laptop ';
  erasing.without = true;
  erasing.folder = '';
  await erasing.run();
  expect(erasing.error).toBeUndefined();
  await expect(hub.call('groups.list', { kind: 'group' })).rejects.toMatchObject({ code: 'not_set_up' });
});

test('a backup is looked at before anything of it comes back', async () => {
  const hub = mock({ contacts: 10 });
  const from = await hub.call('backup.now', { to: '/media/stick' });
  const restoring = new Restoring(hub, from);
  restoring.code = 'wrong';
  await restoring.look();
  expect([restoring.preview, restoring.error?.code]).toEqual([undefined, 'wrong_code']);
  restoring.code = ' H7K2-9QWM-4TXD-P3VB-8RNC-6YFJ-2A ';
  await restoring.look();
  expect(restoring.preview?.contacts[0]?.what).toBe('changed');
  const restored = await restoring.run(restoring.preview?.contacts[0]?.id);
  expect(restored && restoredText(restored)).toBe('1 as they were');
  expect(restoredText({ ...restoring.preview!, changed: 0, held: 'x' })).toBe('Nothing was missing. What came since waits in your inbox');
});
