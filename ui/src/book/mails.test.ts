import { expect, test } from 'vitest';
import { addressList, mailLink } from './mails';

const mail = (name: string, mail: string) => ({ id: mail, name, mail });

test('a list of addresses can be pasted into any mail', () => {
  expect(addressList([mail('Dora Kovács', 'd@k.example'), mail('', 'x@y.example')])).toBe('Dora Kovács <d@k.example>, x@y.example');
  expect(addressList([mail('Roche, "Cam"', 'c@r.example')])).toBe('"Roche, \\"Cam\\"" <c@r.example>');
  expect(addressList([mail('a\r\nBcc: evil@x.example', 'a@b.example')])).toBe('"a Bcc: evil@x.example" <a@b.example>');
});

test('a mail to several shows none of them to the others', () => {
  expect(mailLink([mail('A', 'a@b.example'), mail('B', 'c d@e.example')])).toBe('mailto:?bcc=a@b.example,c%20d@e.example');
  expect(mailLink([mail('A', 'a@b.example?cc=evil@x.example')])).toBe('mailto:a@b.example%3Fcc%3Devil@x.example');
  expect(mailLink(Array.from({ length: 200 }, (_, at) => mail('A', `someone${at}@b.example`)))).toBeUndefined();
});
