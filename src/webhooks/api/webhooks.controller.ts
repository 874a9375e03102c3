import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Caller } from '../../auth/access';
import type { Principal } from '../../auth/principal';
import { IdPipe } from '../../customer/api/id.pipe';
import { ApiDone, ApiDoneOnce, ApiMade, ApiRead } from '../../http/api-answers';
import { envelope, type Envelope } from '../../http/envelope';
import { CurrentExchange, type Exchange } from '../../http/exchange';
import { Idempotency } from '../../http/idempotency/idempotency';
import { InvalidRequest } from '../../http/invalid-request';
import { CreateWebhookDto } from './create-webhook.dto';
import { UpdateWebhookDto } from './update-webhook.dto';
import { WebhookAdmin } from './webhook-admin';
import {
  ChangedWebhookView,
  NewWebhookView,
  toWebhookView,
  WebhookGoneView,
  WebhooksView,
  WebhookView,
} from './webhook.view';

/** A tenant's subscriptions. All is done at once: none of it is a job. */
@ApiTags('webhooks')
@Controller('api/webhooks')
export class WebhooksController {
  constructor(
    private readonly webhooks: WebhookAdmin,
    private readonly idempotency: Idempotency,
  ) {}

  @Post()
  @HttpCode(201)
  @ApiMade(NewWebhookView, 'Has events sent to a URL; the answer shows the secret, this once')
  async create(
    @Body() dto: CreateWebhookDto,
    @CurrentExchange() exchange: Exchange,
  ): Promise<Envelope<NewWebhookView>> {
    return this.idempotency.once(exchange, async ({ id }) => {
      const webhook = await this.webhooks.create(exchange.caller.tenantId, id, dto);
      exchange.reply.header('location', `/api/webhooks/${id}`);
      const { secret } = webhook;
      return envelope('Webhook created; keep the secret, it is not shown again', {
        ...toWebhookView(webhook, Date.now()),
        secret,
      });
    });
  }

  @Get()
  @ApiRead(WebhooksView, 'Lists webhooks, oldest first')
  async list(@Caller() { tenantId }: Principal): Promise<Envelope<WebhooksView>> {
    const webhooks = await this.webhooks.list(tenantId);
    return envelope('Webhooks found', {
      items: webhooks.map((webhook) => toWebhookView(webhook, Date.now())),
    });
  }

  @Get(':id')
  @ApiRead(WebhookView, 'Reads a webhook', 404)
  async get(
    @Param('id', IdPipe) id: string,
    @Caller() { tenantId }: Principal,
  ): Promise<Envelope<WebhookView>> {
    return envelope('Webhook found', toWebhookView(await this.webhooks.get(tenantId, id), Date.now()));
  }

  @Patch(':id')
  @ApiDoneOnce(ChangedWebhookView, 'Changes what is given, or gives it a new secret', 404, 413, 415)
  async change(
    @Param('id', IdPipe) id: string,
    @Body() dto: UpdateWebhookDto,
    @CurrentExchange() exchange: Exchange,
  ): Promise<Envelope<ChangedWebhookView>> {
    if (Object.values(dto).every((value) => value === undefined)) {
      throw new InvalidRequest([
        { field: 'body', code: 'required', message: 'expected at least one field to change' },
      ]);
    }
    return this.idempotency.once(exchange, async (): Promise<Envelope<ChangedWebhookView>> => {
      const webhook = await this.webhooks.change(exchange.caller.tenantId, id, dto);
      const view = toWebhookView(webhook, Date.now());
      if (dto.rotateSecret !== true) return envelope('Webhook changed', view);
      return envelope('Webhook changed; keep the secret, it is not shown again', {
        ...view,
        secret: webhook.secret,
      });
    });
  }

  @Delete(':id')
  @ApiDone(WebhookGoneView, 'Deletes a webhook; what waits for it is not sent', 404)
  async remove(
    @Param('id', IdPipe) id: string,
    @Caller() { tenantId }: Principal,
  ): Promise<Envelope<WebhookGoneView>> {
    await this.webhooks.remove(tenantId, id);
    return envelope('Webhook deleted', { id });
  }
}
