import { duplicateKeyIn } from './duplicate-key';

describe('duplicateKeyIn', () => {
  it.each([
    ['{"a":1,"a":2}', 'a'],
    ['{"a":1,"b":{"c":1,"c":2}}', 'c'],
    ['[{"a":1},{"b":1,"c":2,"b":3}]', 'b'],
    ['{"a":1,\n "\\u0061" : 2}', 'a'],
    ['{"":1,"":2}', ''],
    ['{"a\\"":1,"a\\"":2}', 'a"'],
    ['{"a":{"b":1},"a":{"b":2}}', 'a'],
    ['{"__proto__":1,"__proto__":2}', '__proto__'],
  ])('of %s is %s', (json, key) => {
    expect(duplicateKeyIn(json)).toBe(key);
  });

  it.each([
    '{}',
    '{"a":1,"A":2}',
    '{"a":{"a":{"a":1}}}',
    '[{"a":1},{"a":2}]',
    '{"a":"b","c":"b","d":["a","a"]}',
    '{"a":"x\\",\\"a\\":1","b":"{\\"a\\":1}"}',
    '{"a":"\\\\","b":"}{"}',
    '"a"',
    '7',
  ])('is none in %s', (json) => {
    expect(duplicateKeyIn(json)).toBeUndefined();
  });

  it('is looked for without a stack, however deep the text', () => {
    expect(duplicateKeyIn('{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000))).toBeUndefined();
  });

  it.each(['x', '\\\\', '"},{"x'])('takes no longer than a text of 16 MB of %s is long', (part) => {
    const before = performance.now();

    duplicateKeyIn(`{"a":"${part.repeat(16_000_000 / part.length)}"}`);

    expect(performance.now() - before).toBeLessThan(3_000);
  });
});
