import { Environment } from '../../config/environment';
import { ReceiverTurns, type Turn } from './receiver-turns';

const turnsOf = (atOnce: number): ReceiverTurns =>
  new ReceiverTurns(
    Environment.read({
      REDIS_URL: 'redis://127.0.0.1',
      MONGODB_URI: 'mongodb://127.0.0.1',
      APP_ROLE: 'worker',
      WEBHOOK_DELIVERIES_AT_ONCE: String(atOnce),
    }),
  );
const goes = (turn: Turn): boolean => 'end' in turn;
const end = (turn: Turn, tookMs: number): void => {
  if ('end' in turn) turn.end(tookMs);
};
const waitOf = (turn: Turn): number => ('waitMs' in turn ? turn.waitMs : 0);

describe('turns of receivers', () => {
  it('give one receiver a tenth of what goes at once, and others theirs', () => {
    const turns = turnsOf(50);

    const taken = Array.from({ length: 10 }, () => goes(turns.take('a', 'a')));

    expect(taken.filter(Boolean)).toHaveLength(5);
    expect(goes(turns.take('b', 'b'))).toBe(true);
  });

  it('come again when one is done', () => {
    const turns = turnsOf(1);
    const first = turns.take('a', 'a');
    const refused = turns.take('a', 'a');

    end(first, 10);

    expect([goes(refused), goes(turns.take('a', 'a'))]).toEqual([false, true]);
  });

  it('leave half to receivers that answer, however many are slow', () => {
    const turns = turnsOf(20);
    const slow = Array.from({ length: 30 }, (_, index) => `slow-${index}`);
    for (const id of slow) end(turns.take(id, id), 15_000);

    const taken = slow.filter((id) => goes(turns.take(id, id)));

    expect(taken).toHaveLength(10);
    expect(goes(turns.take('quick', 'quick'))).toBe(true);
  });

  it('leave half to others when one tenant has many that hang at once', () => {
    const turns = turnsOf(20);
    const hanging = Array.from({ length: 20 }, (_, index) => `hanging-${index}`);

    const taken = hanging.filter((id) => goes(turns.take(id, 'one')));

    expect(taken).toHaveLength(10);
    expect(goes(turns.take('quick', 'another'))).toBe(true);
  });

  it('let a receiver that is quick again out of the slow ones', () => {
    const turns = turnsOf(2);
    end(turns.take('a', 'a'), 15_000);
    for (let time = 0; time < 6; time++) end(turns.take('a', 'a'), 5);
    turns.take('b', 'b');
    end(turns.take('c', 'c'), 15_000);
    turns.take('c', 'c');

    expect(goes(turns.take('a', 'a'))).toBe(true);
  });

  it('tell those that wait to come one after the other, at the pace of their receiver, within a minute', () => {
    const turns = turnsOf(10);
    end(turns.take('a', 'a'), 4_000);
    turns.take('a', 'a', 0);

    const waits = Array.from({ length: 30 }, () => waitOf(turns.take('a', 'a', 0)));

    expect(waits.slice(0, 3)).toEqual([4_000, 8_000, 12_000]);
    for (const wait of waits.slice(15)) {
      expect(wait).toBeGreaterThanOrEqual(30_000);
      expect(wait).toBeLessThanOrEqual(60_000);
    }
  });
});
