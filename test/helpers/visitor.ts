import type { Answer } from './client';

/** A person who is signed in to the cockpit, as their browser sends requests. */
export class Visitor {
  private constructor(
    private readonly url: string,
    private readonly cookie: string,
  ) {}

  /** @param wish an account's `user` and `password`, or a `token` */
  static async signIn(url: string, wish: object): Promise<Visitor> {
    const answer = await fetch(`${url}/admin/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(wish),
    });
    if (!answer.ok) throw new Error(`Signing in was answered with ${answer.status}: ${await answer.text()}`);
    return new Visitor(url, (answer.headers.get('set-cookie') ?? '').split(';', 1)[0] ?? '');
  }

  /** @param headers such as `x-tenant-id` */
  async send(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const isCsv = typeof body === 'string';
    const response = await fetch(this.url + path, {
      method,
      headers: {
        cookie: this.cookie,
        accept: 'application/json',
        'sec-fetch-site': 'same-origin',
        ...(body !== undefined && { 'content-type': isCsv ? 'text/csv' : 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: isCsv ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') ?? false;
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  }

  get(path: string, headers?: Record<string, string>): Promise<Answer> {
    return this.send('GET', path, undefined, headers);
  }
}
