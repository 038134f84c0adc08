import { expect, test } from 'vitest';
import { linesOfAddress, orderOf } from './address';

const adr = (street: string, town: string, region: string, code: string, country: string, extra = '') =>
  [[''], [extra], [street], [town], [region], [code], [country]];

test('an address is written as its country writes it', () => {
  expect(linesOfAddress(adr('Rua das Oliveiras 12', 'Porto', '', '4000-001', 'Portugal'))).toEqual(['Rua das Oliveiras 12', '4000-001 Porto', 'Portugal']);
  expect(linesOfAddress(adr('1 Main St', 'Springfield', 'IL', '62701', 'USA', 'Apt 4'))).toEqual(['1 Main St', 'Apt 4', 'Springfield, IL 62701', 'USA']);
  expect(linesOfAddress(adr('Elm Street 40', 'Bristol', '', 'BS2 8HW', 'United Kingdom'))).toEqual(['Elm Street 40', 'Bristol', 'BS2 8HW', 'United Kingdom']);
  expect(linesOfAddress(adr('南京东路 1 号', '上海', '', '200001', '中国'))).toEqual(['中国', '200001', '上海', '南京东路 1 号']);
});

test('nothing that was typed is left out, and nothing is made up', () => {
  for (const country of ['', 'USA', '日本', 'Brasil', 'hu', 'Nowhere']) {
    const parts = [['box'], ['extra'], ['street'], ['town'], ['region'], ['code'], [country]];
    const text = linesOfAddress(parts)?.join('\n') ?? '';
    for (const word of ['box', 'extra', 'street', 'town', 'region', 'code', country]) expect(text).toContain(word);
  }
  expect(linesOfAddress([[''], [], [''], [''], [''], [''], ['']])).toBeUndefined();
});

test('without a country the order is that of home', () => {
  expect(orderOf('', 'us').code).toBe('ZIP code');
  expect(orderOf('Germany', 'us').lines).toEqual(orderOf('').lines);
  expect(orderOf('JP').region).toBe('Prefecture');
});
