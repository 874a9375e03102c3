import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { ConfigModule } from './config/config.module';
import type { Environment } from './config/environment';
import type { Logger } from './logging/logger';
import { LoggingModule } from './logging/logging.module';

@Module({})
class RoleModule {}

/** A role with what every role has: the environment, and the log. */
export function compose(role: Type, environment: Environment, logger: Logger): DynamicModule {
  return {
    module: RoleModule,
    imports: [ConfigModule.forRoot(environment), LoggingModule.forRoot(logger), role],
  };
}
