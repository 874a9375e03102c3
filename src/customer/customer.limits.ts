/**
 * Largest values a customer may hold, in characters unless said otherwise.
 * One table for the JSON bodies and the CSV rows, so that both ways in refuse the same things.
 */
export const CUSTOMER_LIMITS = {
  name: 200,
  /** RFC 5321, section 4.5.3.1.3: a path holds 256 octets, two of them its brackets. */
  email: 254,
  phone: 40,
  address: 500,
  /** Tags a customer may carry. */
  tags: 50,
  tag: 50,
  /** Keys in `attributes`. */
  attributes: 50,
  attributeKey: 64,
  attributeValue: 1000,
  /** Largest amount of one purchase, and of `totalSpend` in a CSV row. */
  spend: 1_000_000_000,
  visits: 1_000_000_000,
  eventId: 255,
} as const;

/** Digits with the usual separators, after an optional plus; not longer, with it, than is said above. */
export const PHONE_PATTERN = /^([+][0-9 ()./-]{3,39}|[0-9 ()./-]{3,40})$/;

/** No control characters but tab and line ends: others would break logs, terminals and spreadsheets. */
// eslint-disable-next-line no-control-regex
export const PRINTABLE_PATTERN = /^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]*$/;

/** The same, and something to see: what is only blanks is trimmed to nothing. For the document of the API. */
export const VISIBLE_PATTERN =
  // eslint-disable-next-line no-control-regex
  /^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]*[^\s\u0000-\u001f\u007f][^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]*$/;

export const isPrintable = (text: string): boolean => PRINTABLE_PATTERN.test(text);
