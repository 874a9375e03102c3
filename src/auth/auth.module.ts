import { Module } from '@nestjs/common';
import { PassportModule } from '@nestjs/passport';
import { AdminAccess } from './admin-access';
import { CredentialsModule } from './credentials.module';
import { Sessions } from './session/sessions';
import { TenantSessions } from './session/tenant-sessions';

@Module({
  imports: [PassportModule, CredentialsModule],
  providers: [AdminAccess, Sessions, TenantSessions],
  exports: [AdminAccess, Sessions, TenantSessions],
})
export class AuthModule {}
