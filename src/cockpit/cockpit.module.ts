import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module';
import { History } from '../monitoring/overview/history';
import { OverviewReader } from '../monitoring/overview/overview';
import { QueueOverviews } from '../monitoring/overview/queue-overviews';
import { Sampler } from '../monitoring/overview/sampler';
import { WorkerReports } from '../monitoring/workers/worker-reports';
import { QueueRoutesModule } from '../queue/queue-routes.module';
import { OverviewController } from './overview/overview.controller';
import { SignInController } from './sign-in/sign-in.controller';
import { SignInLimit } from './sign-in/sign-in-limit';

/** The pages for people who watch and repair, and the JSON behind them. */
@Module({
  imports: [AuthModule, QueueRoutesModule],
  controllers: [SignInController, OverviewController],
  providers: [SignInLimit, OverviewReader, QueueOverviews, Sampler, History, WorkerReports],
})
export class CockpitModule {}
