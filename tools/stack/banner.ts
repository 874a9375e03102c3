/** What a person wants to know once everything runs. */
export interface BannerFacts {
  apiUrl: string;
  adminUser: string;
  adminPassword: string;
  /** Nothing when tokens come from an identity provider. */
  token: string | undefined;
  servers: readonly { name: string; version?: string; origin: string }[];
  sample: string;
}

/** The block that `npm start` ends with. */
export function banner(facts: BannerFacts): string {
  const { apiUrl, adminUser, adminPassword, token, servers, sample } = facts;
  const origins = servers.map(({ name, version, origin }) => `${name} ${version ?? ''} (${origin})`);
  const bearer = token ?? '$TOKEN';
  return `
  InsightCRM customer service is running. Ctrl-C stops it; the data stays in .data/.

  API          ${apiUrl}
  API docs     ${apiUrl}/docs
  Cockpit      ${apiUrl}/admin           user ${adminUser}, password ${adminPassword}
  Servers      ${origins.join(', ').replaceAll('  ', ' ')}

  Token (tenant demo, roles user and operator, 12 h; others: npm run token -- --help)
  ${token ?? 'from your identity provider: put it into TOKEN'}

  Upload a thousand customers (or let npm run demo do it and follow along):
  curl -X POST ${apiUrl}/api/customer/upload -F file=@${sample} -H "Authorization: Bearer ${bearer}"
`;
}
