import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { CUSTOMER_MODELS } from './customer-models';

@Module({
  imports: [MongooseModule.forFeature(CUSTOMER_MODELS)],
  exports: [MongooseModule],
})
export class CustomerModelsModule {}
