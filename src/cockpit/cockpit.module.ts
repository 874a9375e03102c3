import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module';
import { SignInController } from './sign-in/sign-in.controller';
import { SignInLimit } from './sign-in/sign-in-limit';

/** The pages for people who watch and repair, and the JSON behind them. */
@Module({
  imports: [AuthModule],
  controllers: [SignInController],
  providers: [SignInLimit],
})
export class CockpitModule {}
