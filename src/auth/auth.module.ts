import { Module } from '@nestjs/common';
import { PassportModule } from '@nestjs/passport';
import { AdminAccess } from './admin-access';
import { JwtStrategy } from './jwt.strategy';
import { Sessions } from './session/sessions';
import { TenantSessions } from './session/tenant-sessions';

@Module({
  imports: [PassportModule],
  providers: [JwtStrategy, AdminAccess, Sessions, TenantSessions],
  exports: [AdminAccess, Sessions, TenantSessions],
})
export class AuthModule {}
