import { isEmail } from 'class-validator';

/** RFC 5321 allows no longer one. */
const MAX_LENGTH = 254;

/** Quoted local parts may hold line ends, and `<`, `,` or `;` part addresses in a header. */
const PLAIN = /^[!#-'*+\-./=?^`{|}~\w]+@[\w.-]+$/;

/**
 * Whether a text is one address, and can be nothing else in a header or a command of SMTP.
 * @param isHostEnough for a host without a domain, such as `localhost`
 */
export const isPlainAddress = (text: unknown, { isHostEnough = false } = {}): text is string =>
  typeof text === 'string' &&
  text.length <= MAX_LENGTH &&
  PLAIN.test(text) &&
  isEmail(text, { require_tld: !isHostEnough, allow_utf8_local_part: false });
