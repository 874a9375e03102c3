import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { createTransport, type Transporter } from 'nodemailer';
import type SMTPPool from 'nodemailer/lib/smtp-pool';
import { Environment } from '../../config/environment';
import type { Written } from '../templates/templates';
import { EmailNotSent } from './email-not-sent';

/** Connections of one process, and so e-mails that it sends at once. */
export const MAX_CONNECTIONS = 3;
const MAX_MESSAGES_PER_CONNECTION = 100;
/** A server that answers now and then is no silent one; after so many of its time limits an attempt is over. */
const MAX_SILENCES = 6;

export interface Email extends Written {
  to: string[];
  messageId: string;
}

export interface Refused {
  address: string;
  error: EmailNotSent;
}

/** The mail server of `SMTP_URL`, over a few connections that are kept for the next e-mail. */
@Injectable()
export class MailServer implements OnApplicationShutdown {
  private readonly transport: Transporter<SMTPPool.SentMessageInfo>;

  constructor(private readonly environment: Environment) {
    const { smtpUrl, timeoutMs } = environment.emails;
    this.transport = createTransport({
      url: smtpUrl,
      pool: true,
      maxConnections: MAX_CONNECTIONS,
      maxMessages: MAX_MESSAGES_PER_CONNECTION,
      connectionTimeout: timeoutMs,
      greetingTimeout: timeoutMs,
      socketTimeout: timeoutMs,
      // What is in an e-mail is text, and never the name of a file or a page to fetch.
      disableFileAccess: true,
      disableUrlAccess: true,
    });
  }

  /**
   * @param stopping ends it at once
   * @returns who did not get it, where others did
   * @throws EmailNotSent when nobody did
   */
  async send({ to, messageId, subject, text, html }: Email, stopping: AbortSignal): Promise<Refused[]> {
    const { from, timeoutMs } = this.environment.emails;
    const signal = AbortSignal.any([stopping, AbortSignal.timeout(MAX_SILENCES * timeoutMs)]);
    const mail = {
      ...{ from, to, messageId, subject, text, html, signal },
      // RFC 3834: machines do not answer it.
      headers: { 'Auto-Submitted': 'auto-generated' },
    };
    try {
      const { rejected, rejectedErrors = [] } = await this.transport.sendMail(mail);
      return rejected.map((refused, index) => ({
        address: asGiven(refused, to),
        error: EmailNotSent.by(rejectedErrors[index]),
      }));
    } catch (error) {
      throw EmailNotSent.by(error);
    }
  }

  onApplicationShutdown(): void {
    this.transport.close();
  }
}

/** Nodemailer writes the domain of an address in its own way. */
const asGiven = (address: string, to: readonly string[]): string =>
  to.find((one) => one.toLowerCase() === address.toLowerCase()) ?? address;
