/** The process must not work on this Redis; `problems` has one line for each reason. */
export class RedisUnfit extends Error {
  override readonly name = 'RedisUnfit';

  constructor(readonly problems: string[]) {
    super(problems.join('\n'));
  }
}
