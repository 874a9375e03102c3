import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { CustomerRecord, CustomerSchema } from './customer.schema';
import { StatsEvent, StatsEventSchema } from './customer-stats.repository';

@Module({
  imports: [
    MongooseModule.forFeature([
      { name: CustomerRecord.name, schema: CustomerSchema },
      { name: StatsEvent.name, schema: StatsEventSchema },
    ]),
  ],
  exports: [MongooseModule],
})
export class CustomerModelsModule {}
