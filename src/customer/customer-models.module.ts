import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { CustomerRecord, CustomerSchema } from './customer.schema';
import { Visit, VisitSchema } from './customer-stats.repository';

@Module({
  imports: [
    MongooseModule.forFeature([
      { name: CustomerRecord.name, schema: CustomerSchema },
      { name: Visit.name, schema: VisitSchema },
    ]),
  ],
  exports: [MongooseModule],
})
export class CustomerModelsModule {}
