import { Controller, Get, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public } from '../auth/access';
import { LiveView, ReadinessView } from './health.view';
import { Liveness } from './liveness';
import { Readiness } from './readiness';

/** For Kubernetes. */
@ApiTags('health')
@Public()
@Controller('health')
export class HealthController {
  constructor(
    private readonly liveness: Liveness,
    private readonly readiness: Readiness,
  ) {}

  @Get('live')
  @ApiOperation({ summary: 'Whether the process can go on, or must be restarted' })
  @ApiResponse({ status: 200, description: 'It can.', type: LiveView })
  @ApiResponse({
    status: 503,
    description: 'Its worker has work, and takes none: restart it.',
    type: LiveView,
  })
  live(@Res({ passthrough: true }) reply: FastifyReply): LiveView {
    const problem = this.liveness.problem();
    if (problem === undefined) return { status: 'live' };
    reply.status(503);
    return { status: 'wedged', problem };
  }

  @Get('ready')
  @ApiOperation({ summary: 'Whether the process can do its work now' })
  @ApiResponse({ status: 200, description: 'It can.', type: ReadinessView })
  @ApiResponse({
    status: 503,
    description: 'It is starting, draining, or cut off from what its role needs.',
    type: ReadinessView,
  })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<ReadinessView> {
    const report = await this.readiness.report();
    reply.status(report.ready ? 200 : 503);
    return report;
  }
}
