import { isEmail } from 'class-validator';
import { CUSTOMER_LIMITS } from '../../customer.limits';
import {
  CellProblem,
  readCents,
  readCount,
  readEmail,
  readInstant,
  readPhone,
  readTags,
  readText,
} from './cells';

const problem = (code: string): unknown => expect.objectContaining({ code });

describe('a field of a customer', () => {
  it.each([
    ['0', 0],
    ['12', 1200],
    ['12.3', 1230],
    ['0.29', 29],
    ['1.10', 110],
    ['4503599627.37', problem('too_large')],
    ['1000000000.00', 100_000_000_000],
    ['1000000000.01', problem('too_large')],
    ['0000000000000000000007.05', 705],
    ['9'.repeat(400), problem('too_large')],
    ['19.995', problem('invalid_number')],
    ['-1', problem('invalid_number')],
    ['+1', problem('invalid_number')],
    ['1e3', problem('invalid_number')],
    ['1,000', problem('invalid_number')],
    ['.5', problem('invalid_number')],
    ['5.', problem('invalid_number')],
    ['$5', problem('invalid_number')],
    ['١٢', problem('invalid_number')],
    ['NaN', problem('invalid_number')],
  ])('reads the amount %s in cents', (text, expected) => {
    expect(readCents(text, 'totalSpend')).toEqual(expected);
  });

  it.each([
    ['0', 0],
    ['042', 42],
    ['1000000000', 1_000_000_000],
    ['1000000001', problem('too_large')],
    ['3.5', problem('invalid_number')],
    ['-3', problem('invalid_number')],
    ['0x10', problem('invalid_number')],
  ])('reads the count %s', (text, expected) => {
    expect(readCount(text, 'visits', CUSTOMER_LIMITS.visits)).toEqual(expected);
  });

  it.each([
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
    ['0099-12-31', '0099-12-31T00:00:00.000Z'],
    ['2024-05-31T09:30', '2024-05-31T09:30:00.000Z'],
    ['2024-05-31 09:30:15', '2024-05-31T09:30:15.000Z'],
    ['2024-05-31T09:30:15.123456Z', '2024-05-31T09:30:15.123Z'],
    ['2024-05-31T23:30:00-02:30', '2024-06-01T02:00:00.000Z'],
    ['2024-01-01T00:30:00+0100', '2023-12-31T23:30:00.000Z'],
    ['2024-01-01T00:30:00+01', '2023-12-31T23:30:00.000Z'],
    ['2024-02-30', problem('invalid_date')],
    ['2023-02-29', problem('invalid_date')],
    ['1900-02-29', problem('invalid_date')],
    ['2024-04-31T10:00:00Z', problem('invalid_date')],
    ['2024-13-01', problem('invalid_date')],
    ['2024-05-31T24:00', problem('invalid_date')],
    ['0000-01-01T00:00:00+01:00', problem('invalid_date')],
    ['31.05.2024', problem('invalid_date')],
    ['05/31/2024', problem('invalid_date')],
    ['2024-05', problem('invalid_date')],
    ['1717147800', problem('invalid_date')],
    ['yesterday', problem('invalid_date')],
  ])('reads the date %s in UTC', (text, expected) => {
    expect(readInstant(text, 'lastVisit')).toEqual(expected);
  });

  it.each([
    ['Ana.Souza+crm@Example.COM', 'ana.souza+crm@example.com'],
    ['josé@example.com', 'josé@example.com'],
    ['ana@example', problem('invalid_email')],
    ['ana@@example.com', problem('invalid_email')],
    ['Ana <ana@example.com>', problem('invalid_email')],
    ['.ana@example.com', problem('invalid_email')],
    [`${'a'.repeat(250)}@example.com`, problem('too_long')],
  ])('reads the email %s in lower case', (text, expected) => {
    expect(readEmail(text)).toEqual(expected);
  });

  it('takes exactly the emails that the JSON bodies take', () => {
    const parts = ['a', 'B', '1', '-', '.', '@', '_', '+', 'com', 'x'.repeat(62), 'é', 'a.b', '@b.co'];
    let state = 7;
    const pick = (): string => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return parts[(state >>> 8) % parts.length] ?? '';
    };
    const texts = Array.from({ length: 20_000 }, (_, i) =>
      Array.from({ length: 1 + (i % 8) }, pick).join(''),
    );

    const disagreed = texts.filter((text) => readEmail(text) instanceof CellProblem === isEmail(text));

    expect(disagreed).toEqual([]);
    expect(texts.filter((text) => isEmail(text)).length).toBeGreaterThan(500);
  });

  it.each([
    ['+1 (555) 010-0199', '+1 (555) 010-0199'],
    ['12', problem('invalid_phone')],
    ['call me', problem('invalid_phone')],
    ['1+2345', problem('invalid_phone')],
    ['1'.repeat(41), problem('too_long')],
  ])('reads the phone %s', (text, expected) => {
    expect(readPhone(text)).toEqual(expected);
  });

  it.each<[string, unknown]>([
    [' vip ; new;;vip', ['vip', 'new']],
    [';;', []],
    ['x'.repeat(51), problem('too_long')],
    [Array.from({ length: 50 }, (_, i) => i).join(';'), expect.any(Array)],
    [Array.from({ length: 51 }, (_, i) => i).join(';'), problem('too_many')],
  ])('reads the tags %j', (text, expected) => {
    expect(readTags(text)).toEqual(expected);
  });

  it('counts characters, not code units', () => {
    expect(readText('😀'.repeat(200), 'name', 200)).toBe('😀'.repeat(200));
    expect(readText('😀'.repeat(201), 'name', 200)).toEqual(problem('too_long'));
    expect(readText('x'.repeat(201), 'name', 200)).toEqual(problem('too_long'));
  });
});
