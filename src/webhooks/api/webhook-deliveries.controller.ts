import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Caller } from '../../auth/access';
import type { Principal } from '../../auth/principal';
import { IdPipe } from '../../customer/api/id.pipe';
import { originOf } from '../../customer/api/origin';
import { ApiAccepted, ApiRead } from '../../http/api-answers';
import { envelope, type Envelope } from '../../http/envelope';
import { CurrentExchange, type Exchange } from '../../http/exchange';
import { Idempotency } from '../../http/idempotency/idempotency';
import { orUnavailable } from '../../queue/queue-unavailable';
import { DeliveryLog } from '../delivery-log';
import { DeliveryBegunView, DeliveryPageView, toDeliveryView } from './delivery.view';
import { PageQuery } from '../../http/page.query';
import { WebhookAdmin } from './webhook-admin';
import { WebhookRepeats } from './webhook-repeats';

const LOCATION = 'The deliveries of the webhook.';

/** What was sent to a webhook, and what shall be. */
@ApiTags('webhooks')
@Controller('api/webhooks/:id')
export class WebhookDeliveriesController {
  constructor(
    private readonly webhooks: WebhookAdmin,
    private readonly repeats: WebhookRepeats,
    private readonly log: DeliveryLog,
    private readonly idempotency: Idempotency,
  ) {}

  @Post('test')
  @HttpCode(202)
  @ApiAccepted(DeliveryBegunView, 'Sends a test event to this webhook alone, whatever its types', {
    failures: [404, 413, 415],
    location: LOCATION,
  })
  async test(
    @Param('id', IdPipe) id: string,
    @CurrentExchange() exchange: Exchange,
  ): Promise<Envelope<DeliveryBegunView>> {
    return this.idempotency.once(exchange, async ({ id: step }) => {
      const webhook = await this.webhooks.get(exchange.caller.tenantId, id);
      const begun = await this.repeats.test(webhook, step, originOf(exchange));
      return accepted(exchange, id, 'Test event on its way', begun);
    });
  }

  @Get('deliveries')
  @ApiRead(DeliveryPageView, 'Lists what was sent lately, newest first, and what came of it', 404)
  async list(
    @Param('id', IdPipe) id: string,
    @Query() { limit, cursor }: PageQuery,
    @Caller() { tenantId }: Principal,
  ): Promise<Envelope<DeliveryPageView>> {
    const webhook = await this.webhooks.get(tenantId, id);
    const [found, dropped] = await orUnavailable(
      Promise.all([this.log.page(webhook, limit + 1, cursor), this.log.dropped(webhook)]),
    );
    const items = found.slice(0, limit).map(toDeliveryView);
    const nextCursor = found.length > limit ? (items.at(-1)?.id ?? null) : null;
    return envelope('Deliveries found', { items, nextCursor, dropped });
  }

  @Post('deliveries/:deliveryId/replay')
  @HttpCode(202)
  @ApiAccepted(DeliveryBegunView, 'Sends a delivery again, with the same `webhook-id`', {
    failures: [404, 410, 413, 415],
    location: LOCATION,
  })
  async replay(
    @Param('id', IdPipe) id: string,
    @Param('deliveryId', IdPipe) deliveryId: string,
    @CurrentExchange() exchange: Exchange,
  ): Promise<Envelope<DeliveryBegunView>> {
    return this.idempotency.once(exchange, async ({ id: newDeliveryId }) => {
      const webhook = await this.webhooks.get(exchange.caller.tenantId, id);
      const begun = await this.repeats.replay(webhook, deliveryId, newDeliveryId);
      return accepted(exchange, id, 'Delivery on its way again', begun);
    });
  }
}

function accepted(
  { reply }: Exchange,
  webhookId: string,
  message: string,
  begun: DeliveryBegunView,
): Envelope<DeliveryBegunView> {
  reply.header('location', `/api/webhooks/${webhookId}/deliveries`);
  return envelope(message, begun);
}
