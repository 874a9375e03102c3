import { ADMIN_PASSWORD } from './environment';

export const ADMIN = `Basic ${Buffer.from(`admin:${ADMIN_PASSWORD}`).toString('base64')}`;

/** What a process tells Prometheus. */
export class Scrape {
  private constructor(
    readonly status: number,
    readonly contentType: string | null,
    readonly text: string,
    readonly durationMs: number,
  ) {}

  static async of(url: string, authorization: string | undefined = ADMIN): Promise<Scrape> {
    const startedAt = performance.now();
    const answer = await fetch(`${url}/metrics`, { headers: authorization ? { authorization } : {} });
    const text = await answer.text();
    return new Scrape(answer.status, answer.headers.get('content-type'), text, performance.now() - startedAt);
  }

  /** Names of the samples that are there; of a histogram, its three. */
  get names(): Set<string> {
    return new Set(this.samples().map((line) => /^\w+/.exec(line)?.[0] ?? ''));
  }

  /** Sum of the samples that have these labels, whatever others they have; undefined when there is none. */
  value(name: string, labels: Record<string, string | number> = {}): number | undefined {
    const pairs = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
    const found = this.samples().filter(
      (line) => /^\w+/.exec(line)?.[0] === name && pairs.every((pair) => line.includes(pair)),
    );
    if (found.length === 0) return undefined;
    return found.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
  }

  /** Each value that a label has, in any metric of ours. */
  valuesOf(label: string): string[] {
    const values = this.text.matchAll(new RegExp(`[{,]${label}="([^"]*)"`, 'g'));
    return [...new Set([...values].map(([, value = '']) => value))].sort();
  }

  private samples(): string[] {
    return this.text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  }
}
