import { GatheringRedis, patient } from '../../src/queue/redis-connection';
import { redisOptions } from '../../src/queue/redis-options';
import { closing } from '../helpers/closing';
import { redisServer } from '../helpers/environment';

describe('a connection that gathers commands', () => {
  const connected = async () => {
    const redis = new GatheringRedis(redisOptions(redisServer(), patient));
    closing(() => {
      redis.disconnect();
    });
    await redis.ping();
    return redis;
  };

  it('sends those of one turn of the event loop eight at a time, and the others at its end', async () => {
    const redis = await connected();

    const held = Array.from({ length: 10 }, () => {
      void redis.ping();
      return redis.stream.writableCorked;
    });
    await redis.ping();

    expect(held).toEqual([1, 1, 1, 1, 1, 1, 1, 0, 1, 1]);
    expect(redis.stream.writableCorked).toBe(0);
  });

  it('keeps their order', async () => {
    const redis = await connected();
    const key = `gathered-${process.pid}-${Date.now()}`;

    const lengths = await Promise.all(Array.from({ length: 50 }, (_, item) => redis.rpush(key, item)));
    const items = await redis.lrange(key, 0, -1);
    await redis.del(key);

    expect(lengths).toEqual(Array.from({ length: 50 }, (_, item) => item + 1));
    expect(items).toEqual(Array.from({ length: 50 }, (_, item) => String(item)));
  });
});
