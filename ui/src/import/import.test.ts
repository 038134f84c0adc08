import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { mock } from '../api/mock';
import { Import } from './import.svelte';

/** Reads files as a browser does; Node has none of its own. */
class Reader {
  result = '';
  onload = () => undefined as void;
  async readAsDataURL(file: File) {
    this.result = `data:;base64,${btoa(String.fromCharCode(...new Uint8Array(await file.arrayBuffer())))}`;
    this.onload();
  }
}

beforeEach(() => vi.stubGlobal('FileReader', Reader));
afterEach(() => vi.unstubAllGlobals());

const TABLE = 'Name,Handy,Mail\nJürgen Groß,0170 5550123,j@gross.example\n,0170 5550124,\n';

test('a table is looked at, its columns are given a meaning, and it is imported and taken back', async () => {
  const hub = mock({ contacts: 20 });
  const importing = new Import(hub);
  await importing.choose([new File([TABLE], 'club.csv')]);
  expect(importing.stage).toBe('tried');
  expect(importing.report).toMatchObject({ added: 1, failed: [{ line: 3 }] });
  expect(importing.chosen[0]?.look?.columns.map(({ field }) => field)).toEqual(['fn', '', 'email;home']);

  await importing.map(0, 2, 'tel;cell');
  expect(importing.chosen[0]?.file.columns).toHaveLength(3);
  await importing.run();
  expect(importing.stage).toBe('done');
  const find = { find: 'gross', offset: 0, trash: false, undecided: false, recent: false, favourites: false };
  const [row] = (await hub.call('contacts.list', { ...find, find: 'jürgen' })).contacts;
  expect(row?.detail).toBe('0170 5550123');

  expect(await importing.undo()).toBe('import of 1 contacts');
  expect((await hub.call('contacts.list', { ...find, find: 'jürgen' })).total).toBe(0);
  expect(await importing.undo()).toBeUndefined();
  expect(importing.error?.code).toBe('nothing_to_undo');
});

test('another character set reads the same file anew', async () => {
  const importing = new Import(mock({ contacts: 0 }));
  const latin = new Uint8Array([...'Name\nJ'].map((sign) => sign.charCodeAt(0)).concat(0xfc, 0x72, 0x67));
  await importing.choose([new File([latin], 'old.csv')]);
  expect(importing.report?.rows[0]?.name).toBe('J\ufffdrg');
  await importing.recode(0, 'windows-1252');
  expect(importing.report?.rows[0]?.name).toBe('Jürg');
});

test('a code in a picture becomes a card to import', async () => {
  const importing = new Import(mock({ contacts: 0 }));
  await importing.choose([new File(['…'], 'photo.png', { type: 'image/png' })]);
  expect(importing.chosen[0]?.file.name).toBe('QR code in photo.png');
  expect(importing.report?.rows[0]?.name).toBe('Noor van Dijk');
});

test('a code that holds no card is told and nothing is imported', async () => {
  const hub = mock({ contacts: 0 });
  hub.handlers['qr.scan'] = () => ({ codes: [{ kind: 'other', text: 'https://example.org' }] });
  const importing = new Import(hub);
  await importing.scan();
  expect(importing.stage).toBe('choose');
  expect(importing.codes).toEqual([{ kind: 'other', text: 'https://example.org' }]);
});

test('a screen without a code, and one that cannot be read, are told in a sentence', async () => {
  const hub = mock({ contacts: 0 });
  const importing = new Import(hub);
  await importing.scan();
  expect(importing.error?.message).toContain('cannot look at the screen');
  hub.handlers['qr.scan'] = () => ({ codes: [] });
  await importing.scan();
  expect(importing.error?.message).toBe('No QR code was found in what the screen shows.');
});

test('a table of which nobody knows the columns waits for a person, and another file that cannot be read is left out', async () => {
  const hub = mock({ contacts: 0 });
  const [look, run] = [hub.handlers['import.look'], hub.handlers.import];
  hub.handlers['import.look'] = (request) => {
    if (request.file.name === 'broken.zip') throw { code: 'malformed_file', message: 'broken.zip: this is a zip.' };
    return look(request);
  };
  hub.handlers.import = (request) => {
    if (!request.files[0]?.columns) throw { code: 'malformed_file', message: 'club.csv: no column has a meaning.' };
    return run(request);
  };
  const importing = new Import(hub);
  await importing.choose([new File([TABLE], 'club.csv'), new File(['PK'], 'broken.zip')]);
  expect([importing.stage, importing.report, importing.error?.message]).toEqual(['tried', undefined, 'club.csv: no column has a meaning.']);
  expect(importing.chosen.map(({ error }) => error?.message)).toEqual([undefined, 'broken.zip: this is a zip.']);

  await importing.map(0, 1, 'fn');
  expect([importing.error, importing.report?.added]).toEqual([undefined, 1]);
  await importing.drop(1);
  expect(importing.chosen).toHaveLength(1);
  await importing.drop(0);
  expect([importing.stage, importing.report]).toEqual(['choose', undefined]);
});

test('an import that is stopped says how far it came, and that can be taken back', async () => {
  const hub = mock({ contacts: 0 });
  const importing = new Import(hub);
  const cards = Array.from({ length: 100 }, (_, at) => `BEGIN:VCARD\nVERSION:3.0\nFN:Person ${at}\nEND:VCARD\n`);
  await importing.choose([new File(cards, 'many.vcf')]);
  const running = importing.run();
  await importing.stop();
  await running;
  expect(importing.stage).toBe('done');
  expect(importing.report?.stopped).toBe(true);
  expect(importing.count).toBeGreaterThan(0);
  expect(importing.count).toBeLessThan(100);
  const list = { offset: 0, trash: false, undecided: false, recent: false, favourites: false };
  expect((await hub.call('contacts.list', list)).total).toBe(importing.count);
  await importing.undo();
  expect((await hub.call('contacts.list', list)).total).toBe(0);
});

test('columns that are given a meaning faster than the hub answers all keep it', async () => {
  const hub = mock({ contacts: 0, delayMs: 5 });
  const look = hub.handlers['import.look'];
  let asked = 0;
  hub.handlers['import.look'] = async (request) => {
    // The first answer is the slowest.
    await new Promise((resolve) => setTimeout(resolve, asked++ === 1 ? 60 : 0));
    return look(request);
  };
  const importing = new Import(hub);
  await importing.choose([new File(['Wer,Handy\nJürgen,0170\n'], 'club.csv')]);
  await Promise.all([importing.map(0, 1, 'fn'), importing.map(0, 2, 'tel;cell')]);
  expect(importing.chosen[0]?.look?.columns.map(({ field }) => field)).toEqual(['fn', 'tel;cell']);
});
