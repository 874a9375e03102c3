import { Module } from '@nestjs/common';
import { Environment } from '../config/environment';
import { AdminCredentials } from './admin-credentials';
import { BasicLimit } from './basic-limit';
import { JwtStrategy } from './jwt.strategy';

/** What any role needs to know who is calling. A worker may have no key for tokens: then it knows accounts alone. */
@Module({
  providers: [
    {
      provide: JwtStrategy,
      inject: [Environment],
      useFactory: (environment: Environment) => environment.jwt && new JwtStrategy(environment),
    },
    AdminCredentials,
    BasicLimit,
  ],
  exports: [AdminCredentials, JwtStrategy],
})
export class CredentialsModule {}
