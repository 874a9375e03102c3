import { Module } from '@nestjs/common';
import { PassportModule } from '@nestjs/passport';
import { AdminAccess } from './admin-access';
import { JwtStrategy } from './jwt.strategy';
import { Sessions } from './session/sessions';

@Module({
  imports: [PassportModule],
  providers: [JwtStrategy, AdminAccess, Sessions],
  exports: [AdminAccess, Sessions],
})
export class AuthModule {}
