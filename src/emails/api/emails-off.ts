/** The service has no mail server. Mapped to 409 in src/http. */
export class EmailsOff extends Error {
  override readonly name = 'EmailsOff';

  constructor() {
    super('This service sends no e-mail: SMTP_URL is not set.');
  }
}
