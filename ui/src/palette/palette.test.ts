import { expect, test } from 'vitest';
import { mock } from '../api/mock';
import { Palette } from './palette.svelte';

const group = (name: string) => ({ id: name, name, count: 1 });

test('the palette begins with what can be done now, and adds groups and people to what is typed', async () => {
  const palette = new Palette(mock({ contacts: 50 }), [group('Choir')], [group('climbing')], (deed) => deed !== 'edit');
  expect(palette.choices.every(({ kind }) => kind === 'deed')).toBe(true);
  expect(palette.choices.map(({ key }) => key)).not.toContain('edit');
  expect(palette.choices.map(({ key }) => key)).not.toContain('leave');

  await palette.type('c');
  const kinds = palette.choices.map(({ kind }) => kind);
  expect(kinds).toContain('group');
  expect(kinds).toContain('tag');
  expect(kinds.indexOf('person')).toBeGreaterThan(kinds.lastIndexOf('tag'));

  palette.move(-1);
  expect(palette.chosen).toEqual(palette.choices.at(-1));
  palette.move(1);
  expect(palette.at).toBe(0);
  await palette.type('   ');
  expect(palette.people).toEqual([]);
});

test('of answers that overlap, the last question counts', async () => {
  const hub = mock({ contacts: 50 });
  const list = hub.handlers['contacts.list'];
  let release = () => {};
  hub.handlers['contacts.list'] = async (request) => {
    if (request.find === 'a') await new Promise<void>((resolve) => (release = resolve));
    return list(request);
  };
  const palette = new Palette(hub, [], [], () => true);
  const first = palette.type('a');
  await new Promise((resolve) => setTimeout(resolve, 10));
  await palette.type('nobody is called this');
  release();
  await first;
  expect(palette.people).toEqual([]);
});
