import { Global, Module } from '@nestjs/common';
import { getConnectionToken } from '@nestjs/mongoose';
import { createConnection } from 'mongoose';
import { MongoConnector } from './mongo-connector';

/**
 * The process's MongoDB connection. It is made unopened, and {@link MongoConnector} opens it: `forRoot` would either
 * make the start wait for the server, or never try again.
 */
@Global()
@Module({
  providers: [
    {
      provide: getConnectionToken(),
      useFactory: () => createConnection(),
    },
    MongoConnector,
  ],
  exports: [getConnectionToken(), MongoConnector],
})
export class MongoModule {}
