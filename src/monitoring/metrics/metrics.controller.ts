import { Controller, Get, Res, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public } from '../../auth/access';
import { ApiMetrics } from '../../http/api-answers';
import { Metrics } from './metrics';
import { MetricsGuard } from './metrics.guard';

/** For Prometheus. `@Public` to the guard of the API, whose tenants and limits do not apply here: it has its own. */
@ApiTags('metrics')
@Public()
@UseGuards(MetricsGuard)
@Controller('metrics')
export class MetricsController {
  constructor(private readonly metrics: Metrics) {}

  @Get()
  @ApiMetrics(
    'What the process did and sees, for Prometheus',
    'For operators, by a token or by the password of an account; for anybody with `METRICS_PUBLIC=true`. Each process ' +
      'tells its own: scrape every replica.',
  )
  async read(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    const text = await this.metrics.read();
    reply.type(this.metrics.contentType);
    return text;
  }
}
