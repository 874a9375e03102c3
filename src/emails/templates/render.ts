import type { Content } from './content';

const FOOTER = 'Sent because this address is named in the e-mail notifications of the tenant.';

/** What somebody wrote stays on its line. */
const oneLine = (value: string | number): string => String(value).replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ');

const ESCAPES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (value: string | number): string =>
  oneLine(value).replaceAll(/[&<>"']/g, (sign) => ESCAPES[sign] ?? sign);

export function toText({ lead, facts, links }: Content): string {
  const width = Math.max(...facts.map(([label]) => label.length));
  return [
    oneLine(lead),
    '',
    ...facts.map(([label, value]) => `${`${label}:`.padEnd(width + 2)}${oneLine(value)}`),
    ...(links.length === 0 ? [] : ['']),
    ...links.map(({ label, url }) => `${label}: ${oneLine(url)}`),
    '',
    '-- ',
    FOOTER,
    '',
  ].join('\n');
}

export function toHtml({ lead, facts, links }: Content): string {
  const rows = facts.map(([label, value]) => `<tr><td>${escaped(label)}</td><td>${escaped(value)}</td></tr>`);
  const anchors = links.map(({ label, url }) => `<p><a href="${escaped(url)}">${escaped(label)}</a></p>`);
  return [
    '<!doctype html><html lang="en"><body>',
    `<p>${escaped(lead)}</p>`,
    `<table cellpadding="4">${rows.join('')}</table>`,
    ...anchors,
    `<p><small>${FOOTER}</small></p>`,
    '</body></html>',
    '',
  ].join('\n');
}
