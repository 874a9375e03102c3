const MASK = '•••';

/** What drivers and parsers quote of what was written: emails, and the values of a key that is taken. */
const PERSONAL = [/dup key: \{.*?\}/g, /[^\s<>@"'`:/{}()[\],]+@[^\s<>@"'`:/{}()[\],]+\.[a-z]{2,}/gi];

/** An error or its stack for who repairs the queues, but must not know whom a job is about. */
export const maskedError = (error: string): string =>
  PERSONAL.reduce((text, personal) => text.replaceAll(personal, MASK), error);
