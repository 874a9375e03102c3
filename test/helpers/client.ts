import { tokenFor, type TokenOptions } from './tokens';

export interface Answer {
  status: number;
  headers: Headers;
  /** The parsed JSON, or the text where it is none. Tests assert its shape. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  body: any;
}

const PREVIEW = '/api/customer/imports/preview';

/** A user of the API, as curl would be one. */
export class Client {
  readonly token: string;

  constructor(
    private readonly url: string,
    options: TokenOptions = {},
  ) {
    this.token = tokenFor(options);
  }

  get(path: string): Promise<Answer> {
    return this.send('GET', path);
  }

  post(path: string, body?: unknown): Promise<Answer> {
    return this.send('POST', path, body);
  }

  patch(path: string, body?: unknown): Promise<Answer> {
    return this.send('PATCH', path, body);
  }

  delete(path: string): Promise<Answer> {
    return this.send('DELETE', path);
  }

  /** Uploads a CSV as a `text/csv` body. */
  upload(
    csv: string | Buffer | ReadableStream,
    query = '',
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    return this.fetch(`/api/customer/upload${query}`, {
      method: 'POST',
      headers: { 'content-type': 'text/csv', ...headers },
      body: csv as NonNullable<RequestInit['body']>,
      duplex: 'half',
    });
  }

  /** Uploads a CSV as a file in a form. */
  uploadForm(csv: string | Buffer, field = 'file', path = '/api/customer/upload'): Promise<Answer> {
    const form = new FormData();
    form.append(field, new Blob([csv], { type: 'text/csv' }), 'customers.csv');
    return this.fetch(path, { method: 'POST', body: form });
  }

  /** Asks what an upload of a CSV would come to. */
  preview(
    csv: string | Buffer | ReadableStream,
    query = '',
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    return this.fetch(`${PREVIEW}${query}`, {
      method: 'POST',
      headers: { 'content-type': 'text/csv', ...headers },
      body: csv as NonNullable<RequestInit['body']>,
      duplex: 'half',
    });
  }

  async fetch(path: string, init: RequestInit = {}): Promise<Answer> {
    const headers = new Headers(init.headers);
    if (!headers.has('authorization')) headers.set('authorization', `Bearer ${this.token}`);
    const response = await fetch(this.url + path, { ...init, headers });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') ?? false;
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  }

  private send(method: string, path: string, body?: unknown): Promise<Answer> {
    if (body === undefined) return this.fetch(path, { method });
    const headers = { 'content-type': 'application/json' };
    return this.fetch(path, {
      method,
      headers,
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  }
}
