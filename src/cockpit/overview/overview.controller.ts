import { Controller, Get } from '@nestjs/common';
import { envelope, type Envelope } from '../../http/envelope';
import { History } from '../../monitoring/overview/history';
import { OverviewReader, type Overview } from '../../monitoring/overview/overview';
import type { Sample } from '../../monitoring/overview/sample';
import { orUnavailable } from '../../queue/queue-unavailable';
import { COCKPIT_API } from '../cockpit-paths';
import { CockpitRoutes } from '../visitor';

@CockpitRoutes()
@Controller(`${COCKPIT_API}/overview`)
export class OverviewController {
  constructor(
    private readonly overview: OverviewReader,
    private readonly history: History,
  ) {}

  /** 200 whatever is broken: it says what. */
  @Get()
  async now(): Promise<Envelope<Overview>> {
    return envelope('The service now', await this.overview.read());
  }

  /** Samples of every ten seconds, oldest first. */
  @Get('hour')
  async hour(): Promise<Envelope<Sample[]>> {
    return envelope('The last hour', await orUnavailable(this.history.read()));
  }
}
