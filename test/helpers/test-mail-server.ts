import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';
import { closing } from './closing';
import { waitFor } from './wait';

export interface ReceivedMail {
  /** Of the envelope. */
  to: string[];
  /** By their names in lower case, unfolded. */
  headers: Record<string, string>;
  /** Names of all header lines, in lower case. */
  headerNames: string[];
  /** Text and HTML, decoded. */
  body: string;
}

const USER = 'insight';
const PASSWORD = 'p@ss word';

/** A real mail server that keeps what it is sent, and refuses what a test says. Takes nothing without a login. */
export class TestMailServer {
  readonly received: ReceivedMail[] = [];
  /** Envelopes that it was asked to take, refused or not. */
  asked = 0;
  /** What an address is answered; undefined: it is taken. */
  answer: (address: string) => number | undefined = () => undefined;
  readonly close: () => Promise<void>;
  private readonly server: SMTPServer;

  private constructor() {
    this.server = new SMTPServer({
      // No certificate that anybody would trust.
      disabledCommands: ['STARTTLS'],
      allowInsecureAuth: true,
      onAuth: ({ username, password }, _session, done) => {
        if (username === USER && password === PASSWORD) done(null, { user: USER });
        else done(new Error('Wrong password'));
      },
      onMailFrom: (_address, _session, done) => {
        this.asked += 1;
        done();
      },
      onRcptTo: ({ address }, _session, done) => {
        const responseCode = this.answer(address);
        if (responseCode === undefined) done();
        else done(Object.assign(new Error(`No mail for <${address}>`), { responseCode }));
      },
      onData: (stream, { envelope }, done) => {
        text(stream).then((raw) => {
          this.received.push(
            toMail(
              raw,
              envelope.rcptTo.map(({ address }) => address),
            ),
          );
          done();
        }, done);
      },
    });
    this.server.on('error', () => undefined);
    this.close = closing(
      () =>
        new Promise<void>((resolve) => {
          this.server.close(() => {
            resolve();
          });
        }),
    );
  }

  static async start(): Promise<TestMailServer> {
    const mail = new TestMailServer();
    await new Promise<void>((resolve) => {
      mail.server.listen(0, '127.0.0.1', resolve);
    });
    return mail;
  }

  get url(): string {
    return this.urlAt((this.server.server.address() as AddressInfo).port);
  }

  /** Behind another port of this machine. */
  urlAt(port: number, password = PASSWORD): string {
    return `smtp://${USER}:${encodeURIComponent(password)}@127.0.0.1:${port}`;
  }

  to(address: string): ReceivedMail[] {
    return this.received.filter(({ to }) => to.includes(address));
  }

  /** Waits for mails to an address. */
  until(address: string, count = 1): Promise<ReceivedMail[]> {
    return waitFor(
      `${count} e-mails to ${address}`,
      () => Promise.resolve(this.to(address)),
      (mails) => mails.length >= count,
    );
  }
}

function toMail(raw: string, to: string[]): ReceivedMail {
  const end = raw.indexOf('\r\n\r\n');
  const lines = raw
    .slice(0, end)
    .replaceAll(/\r\n[ \t]+/g, ' ')
    .split('\r\n');
  const headers = lines.map((line): [string, string] => {
    const [, name = '', value = ''] = /^([^:]*):\s*(.*)$/.exec(line) ?? [];
    return [name.toLowerCase(), value];
  });
  return {
    to,
    headers: Object.fromEntries(headers),
    headerNames: headers.map(([name]) => name),
    body: decoded(raw.slice(end)).replaceAll('\r\n', '\n'),
  };
}

const decoded = (quotedPrintable: string): string =>
  quotedPrintable
    .replaceAll('=\r\n', '')
    .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
