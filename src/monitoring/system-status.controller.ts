import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ApiRead } from '../http/api-answers';
import { envelope, type Envelope } from '../http/envelope';
import { SystemStatusReader } from './system-status';
import { SystemStatusView } from './system-status.view';

@ApiTags('queues')
@Controller('api/queue')
export class SystemStatusController {
  constructor(private readonly system: SystemStatusReader) {}

  @Get('system-status')
  @ApiRead(
    SystemStatusView,
    'The servers and consumers at a glance: 200 whatever is broken, and it says what',
  )
  async get(): Promise<Envelope<SystemStatusView>> {
    return envelope('System status', await this.system.read());
  }
}
