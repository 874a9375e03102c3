import { Module } from '@nestjs/common';
import { PassportModule } from '@nestjs/passport';
import { AdminAccess } from './admin-access';
import { JwtStrategy } from './jwt.strategy';

@Module({ imports: [PassportModule], providers: [JwtStrategy, AdminAccess], exports: [AdminAccess] })
export class AuthModule {}
