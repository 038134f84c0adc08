import { expect, test } from 'vitest';
import { typesOf } from './carried';

test('a card is carried as a file if there is one, and as text', () => {
  const carried = { id: '1', file: 'Dora #1.vcf', text: 'BEGIN:VCARD\r\nFN:Ó\r\nEND:VCARD\r\n', path: '/run/user/1000/Dora #1 50%.vcf' };
  const types = new Map(typesOf(carried));
  expect([...types.keys()]).toEqual(['text/uri-list', 'DownloadURL', 'text/plain']);
  expect(types.get('text/uri-list')).toBe('file:///run/user/1000/Dora%20%231%2050%25.vcf');
  expect(types.get('DownloadURL')).toBe('text/vcard:Dora #1.vcf:data:text/vcard;charset=utf-8,BEGIN%3AVCARD%0D%0AFN%3A%C3%93%0D%0AEND%3AVCARD%0D%0A');
  expect(types.get('text/plain')).toBe(carried.text);
  expect(typesOf({ ...carried, path: undefined }).map(([type]) => type)).toEqual(['DownloadURL', 'text/plain']);
});
