import { Injectable, NotFoundException } from '@nestjs/common';
import { DurabilityGate } from '../../queue/durability-gate';
import { orUnavailable } from '../../queue/queue-unavailable';
import { Subscriptions } from '../subscriptions';
import { TargetCheck } from '../target/target-check';
import type { Webhook } from '../webhook';
import { newSecret, withNewSecret } from '../webhook-signature';
import { WebhookStore } from '../webhook-store';
import type { CreateWebhookDto } from './create-webhook.dto';
import type { UpdateWebhookDto } from './update-webhook.dto';

/** What a tenant does with its webhooks. Each throws QueueUnavailable, and NotFoundException for another tenant's. */
@Injectable()
export class WebhookAdmin {
  constructor(
    private readonly store: WebhookStore,
    private readonly targets: TargetCheck,
    private readonly subscriptions: Subscriptions,
    private readonly durability: DurabilityGate,
  ) {}

  /** @throws TargetRefused, TooManyWebhooks */
  async create(tenantId: string, id: string, dto: CreateWebhookDto): Promise<Webhook> {
    const url = await this.targets.vet(dto.url);
    const now = Date.now();
    const created = await orUnavailable(
      this.store.create({
        id,
        tenantId,
        url: url.href,
        types: dto.types ?? [],
        enabled: true,
        disabledReason: null,
        description: dto.description ?? null,
        secret: newSecret(),
        previousSecret: null,
        createdAt: now,
        updatedAt: now,
      }),
    );
    await this.settled(tenantId);
    return created;
  }

  list(tenantId: string): Promise<Webhook[]> {
    return orUnavailable(this.store.list(tenantId));
  }

  async get(tenantId: string, id: string): Promise<Webhook> {
    return orNotFound(await orUnavailable(this.store.find(tenantId, id)));
  }

  /** @throws TargetRefused */
  async change(tenantId: string, id: string, dto: UpdateWebhookDto): Promise<Webhook> {
    await this.get(tenantId, id);
    const url = dto.url === undefined ? undefined : await this.targets.vet(dto.url);
    const now = Date.now();
    const changed = await orUnavailable(
      this.store.change(tenantId, id, (webhook) => {
        const rotated = dto.rotateSecret === true ? withNewSecret(webhook, now) : webhook;
        return { ...rotated, ...changesOf(dto, url), updatedAt: now };
      }),
    );
    await this.settled(tenantId);
    return orNotFound(changed);
  }

  async remove(tenantId: string, id: string): Promise<void> {
    if (!(await orUnavailable(this.store.remove(tenantId, id)))) orNotFound(undefined);
    await this.settled(tenantId);
  }

  private async settled(tenantId: string): Promise<void> {
    this.subscriptions.forget(tenantId);
    await this.durability.settled();
  }
}

const changesOf = (
  { types, description, enabled }: UpdateWebhookDto,
  url: URL | undefined,
): Partial<Webhook> => ({
  ...(url && { url: url.href }),
  ...(types && { types }),
  ...(description !== undefined && { description }),
  ...(enabled !== undefined && { enabled, disabledReason: null }),
});

function orNotFound(webhook: Webhook | undefined): Webhook {
  if (!webhook) throw new NotFoundException('There is no webhook with this id.');
  return webhook;
}
