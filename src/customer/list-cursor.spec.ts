import { InvalidRequest } from '../http/invalid-request';
import { decodeCursor, encodeCursor } from './list-cursor';

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('list cursor', () => {
  it.each(['Ana', '', 'דוד לוי', '"\\\n', '😀'])('comes back as it was, with the value %j', (value) => {
    const position = { sort: '-name', value, id: '01890000-0000-7000-8000-000000000000' };

    expect(decodeCursor(encodeCursor(position), '-name')).toEqual(position);
  });

  it('fits into a URL as it is', () => {
    const cursor = encodeCursor({ sort: 'name', value: '>>>???ÿÿÿ', id: 'x' });

    expect(encodeURIComponent(cursor)).toBe(cursor);
  });

  it('is no longer than a query may be, for the longest name', () => {
    const cursor = encodeCursor({ sort: '-createdAt', value: '😀'.repeat(200), id: 'x'.repeat(36) });

    expect(cursor.length).toBeLessThan(2000);
  });

  it.each([
    ['nothing', ''],
    ['no base64', '%%%'],
    ['no JSON', Buffer.from('{').toString('base64url')],
    ['an object', encoded({ $gt: '' })],
    ['null', encoded(null)],
    ['too few parts', encoded(['name', 'Ana'])],
    ['too many parts', encoded(['name', 'Ana', 'x', 'y'])],
    ['a value that is no text', encoded(['name', { $gt: '' }, 'x'])],
    ['an id that is no text', encoded(['name', 'Ana', 7])],
    ['another order', encodeCursor({ sort: '-name', value: 'Ana', id: 'x' })],
  ])('is refused, by its field, when it is %s', (_, cursor) => {
    expect(() => decodeCursor(cursor, 'name')).toThrow(
      new InvalidRequest([
        {
          field: 'cursor',
          code: 'invalid_cursor',
          message: 'expected a nextCursor of a list with the same sort',
        },
      ]),
    );
  });
});
