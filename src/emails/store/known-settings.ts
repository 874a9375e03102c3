import type { EmailSettings, EmailSettingsStore } from './email-settings';

/** How long a change may go unnoticed, in ms. */
const MAX_AGE_MS = 2_000;
const MAX_TENANTS = 10_000;

interface Known {
  settings: Promise<EmailSettings | undefined>;
  untilMs: number;
}

/** Settings that were read a moment ago, so that not every event asks Redis. */
export class KnownSettings {
  private readonly tenants = new Map<string, Known>();

  constructor(private readonly store: Pick<EmailSettingsStore, 'read'>) {}

  /** @throws what Redis failed with; it is asked again then */
  of(tenantId: string, nowMs = performance.now()): Promise<EmailSettings | undefined> {
    const known = this.tenants.get(tenantId);
    if (known && nowMs < known.untilMs) return known.settings;
    return this.keep(tenantId, this.store.read(tenantId), nowMs + MAX_AGE_MS);
  }

  /** Read last is kept last, so the first one is the oldest. */
  private keep(tenantId: string, settings: Known['settings'], untilMs: number): Known['settings'] {
    const known = { settings, untilMs };
    this.tenants.delete(tenantId);
    const oldest = this.tenants.size < MAX_TENANTS ? undefined : this.tenants.keys().next().value;
    if (oldest !== undefined) this.tenants.delete(oldest);
    this.tenants.set(tenantId, known);
    settings.catch(() => {
      if (this.tenants.get(tenantId) === known) this.tenants.delete(tenantId);
    });
    return settings;
  }
}
