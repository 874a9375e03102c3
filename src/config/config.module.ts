import { type DynamicModule, Module } from '@nestjs/common';
import { Environment } from './environment';

/** Makes the one typed environment injectable everywhere. */
@Module({})
export class ConfigModule {
  static forRoot(environment: Environment): DynamicModule {
    const provider = { provide: Environment, useValue: environment };
    return { module: ConfigModule, global: true, providers: [provider], exports: [Environment] };
  }
}
