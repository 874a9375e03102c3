import { Module } from '@nestjs/common';
import { RedisStatusReader } from '../queue/redis-status';
import { SystemStatusController } from './system-status.controller';
import { SystemStatusReader } from './system-status';

@Module({ controllers: [SystemStatusController], providers: [RedisStatusReader, SystemStatusReader] })
export class SystemStatusModule {}
