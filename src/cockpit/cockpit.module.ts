import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module';
import { AuditModule } from '../audit/audit.module';
import { CustomerApiModule } from '../customer/api/customer-api.module';
import { PlannedWrites } from '../customer/jobs/planned-writes';
import { JobEvents } from '../events/job-events';
import { History } from '../monitoring/overview/history';
import { OverviewReader } from '../monitoring/overview/overview';
import { QueueOverviews } from '../monitoring/overview/queue-overviews';
import { Sampler } from '../monitoring/overview/sampler';
import { WorkerReports } from '../monitoring/workers/worker-reports';
import { AcceptanceOrder } from '../queue/acceptance-order';
import { QueueRoutesModule } from '../queue/queue-routes.module';
import { DeadLettersModule } from '../queue/dead-letters/dead-letters.module';
import { QueuePipe } from '../queue/dead-letters/queue.pipe';
import { JobReader } from '../queue/search/job-reader';
import { JobSearch } from '../queue/search/job-search';
import { CockpitAuditController } from './audit/audit.controller';
import { CockpitDeadLettersController } from './dead-letters/dead-letters.controller';
import { JobFinder } from './jobs/job-finder';
import { JobStories } from './jobs/job-story';
import { CockpitJobsController } from './jobs/jobs.controller';
import { QueuedJobs } from './jobs/queued-jobs';
import { OverviewController } from './overview/overview.controller';
import { DelayedJobs } from './schedules/delayed-jobs';
import { ScheduleActs } from './schedules/schedule-acts';
import { ScheduleReader } from './schedules/schedule-reader';
import { CockpitSchedulesController } from './schedules/schedules.controller';
import { SignInController } from './sign-in/sign-in.controller';
import { SignInLimit } from './sign-in/sign-in-limit';

/** The pages for people who watch and repair, and the JSON behind them. */
@Module({
  imports: [AuthModule, AuditModule, CustomerApiModule, DeadLettersModule, QueueRoutesModule],
  controllers: [
    SignInController,
    OverviewController,
    CockpitJobsController,
    CockpitDeadLettersController,
    CockpitAuditController,
    CockpitSchedulesController,
  ],
  providers: [
    QueuePipe,
    JobEvents,
    JobFinder,
    JobReader,
    JobSearch,
    JobStories,
    QueuedJobs,
    DelayedJobs,
    PlannedWrites,
    ScheduleActs,
    ScheduleReader,
    AcceptanceOrder,
    SignInLimit,
    OverviewReader,
    QueueOverviews,
    Sampler,
    History,
    WorkerReports,
  ],
})
export class CockpitModule {}
