import { mongo } from 'mongoose';
import { connectionOptions, weakerConcerns } from './connection-options';

const clientOf = (words: string) =>
  new mongo.MongoClient(`mongodb://localhost/crm?${words}`, connectionOptions(1_000));

describe('a connection string', () => {
  it.each([
    ['w=1', []],
    ['wtimeoutMS=5', []],
    ['journal=false', ['journal=false']],
    ['readConcernLevel=local', ['readConcernLevel=local']],
  ])('that says %s asks for less in %j', (words, weaker) => {
    expect(weakerConcerns(clientOf(words))).toEqual(weaker);
  });

  it('changes neither how many must have a write, nor who is read, nor what is tried again', () => {
    const { writeConcern, readPreference, options } = clientOf(
      'w=1&wtimeoutMS=5&readPreference=secondary&retryWrites=false&retryReads=false',
    );

    expect(writeConcern).toMatchObject({ w: 'majority', wtimeoutMS: 10_000 });
    expect([readPreference.mode, options.retryWrites, options.retryReads]).toEqual(['primary', true, true]);
  });
});
