import { Remembered } from './remembered';

describe('what is remembered', () => {
  let asked: string[];
  let isBroken: boolean;
  let remembered: Remembered<string>;

  beforeEach(() => {
    asked = [];
    isBroken = false;
    const ask = (key: string) => {
      asked.push(key);
      return isBroken ? Promise.reject(new Error('away')) : Promise.resolve(`of ${key}`);
    };
    remembered = new Remembered(ask, { forMs: 2_000, most: 3 });
  });

  it('is asked for once in its time', async () => {
    const answers = [];
    for (const nowMs of [0, 1, 1_999]) answers.push(await remembered.of('acme', nowMs));
    expect([answers, asked]).toEqual([['of acme', 'of acme', 'of acme'], ['acme']]);

    await remembered.of('acme', 2_000);
    expect(asked).toEqual(['acme', 'acme']);
  });

  it('is asked for again when that failed', async () => {
    isBroken = true;
    await expect(remembered.of('acme', 0)).rejects.toThrow('away');
    isBroken = false;

    await expect(remembered.of('acme', 1)).resolves.toBe('of acme');
  });

  it('is asked for again when it was forgotten', async () => {
    await remembered.of('acme', 0);
    remembered.forget('acme');
    await remembered.of('acme', 1);

    expect(asked).toEqual(['acme', 'acme']);
  });

  it('is so many answers at most: the oldest are forgotten', async () => {
    for (const key of ['a', 'b', 'c', 'd']) await remembered.of(key, 0);
    asked.length = 0;

    for (const key of ['d', 'c', 'b', 'a']) await remembered.of(key, 1);
    expect(asked).toEqual(['a']);
  });
});
