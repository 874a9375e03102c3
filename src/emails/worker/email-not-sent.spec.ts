import { EmailNotSent } from './email-not-sent';

const thrown = (fields: object) => Object.assign(new Error('550 <ana@example.com>: unknown user'), fields);

describe('an e-mail that was not sent', () => {
  it.each([
    ['EENVELOPE', 550],
    ['EMESSAGE', 554],
  ])('is refused for good where the server says so of the e-mail: %s %i', (code, responseCode) => {
    expect(EmailNotSent.by(thrown({ code, responseCode })).isFinal).toBe(true);
  });

  it.each([
    ['EENVELOPE', 450],
    ['EAUTH', 535],
    ['EPROTOCOL', 554],
    ['ESOCKET', undefined],
    ['ETIMEDOUT', undefined],
  ])('may be sent later where the server, or the way to it, is the reason: %s %s', (code, responseCode) => {
    expect(EmailNotSent.by(thrown({ code, responseCode })).isFinal).toBe(false);
  });

  it('tells code and answer, and nobody’s address', () => {
    const { message, code } = EmailNotSent.by(
      thrown({ code: 'EENVELOPE', responseCode: 550, command: 'RCPT TO' }),
    );

    expect(code).toBe('550 EENVELOPE');
    expect(message).toBe('550 EENVELOPE in answer to RCPT TO: 550 ••• unknown user');
  });
});
