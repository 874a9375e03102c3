/** Longest text of a server that is kept, in characters. */
const MAX_TEXT = 200;

/** Codes of nodemailer for what a server said to the e-mail itself, and not to the connection or the login. */
const ABOUT_EMAIL = ['EENVELOPE', 'EMESSAGE'];

/** What nodemailer throws, as far as it is known. */
interface Thrown extends Error {
  code?: string;
  command?: string;
  responseCode?: number;
}

/** A mail server did not take an e-mail. Its message names nobody. */
export class EmailNotSent extends Error {
  override readonly name = 'EmailNotSent';

  constructor(
    message: string,
    /** What the server said in numbers, or what became of the connection; without any text of theirs. */
    readonly code: string,
    /** It would be refused the next time too. */
    readonly isFinal: boolean,
    cause?: unknown,
  ) {
    super(message, { cause });
  }

  /**
   * A 5xx in answer to an e-mail is final. One in answer to a login or a greeting is not: it says nothing about the
   * e-mail, and would make dead letters of all of them until a password is set right.
   */
  static by(thrown: unknown): EmailNotSent {
    const {
      code = 'unknown',
      command,
      responseCode,
      message,
    }: Thrown = thrown instanceof Error ? thrown : new Error(String(thrown));
    const isFinal = ABOUT_EMAIL.includes(code) && (responseCode ?? 0) >= 500;
    const said = responseCode === undefined ? code : `${responseCode} ${code}`;
    const where = command === undefined ? '' : ` in answer to ${command}`;
    return new EmailNotSent(`${said}${where}: ${withoutAddresses(message)}`, said, isFinal, thrown);
  }
}

/** Servers like to repeat whom they refuse. */
const withoutAddresses = (text: string): string =>
  text
    .replaceAll(/\S+@\S+/g, '•••')
    .replaceAll(/\p{Cc}+/gu, ' ')
    .slice(0, MAX_TEXT);
