// The service as it is usually written: NestJS on Express, a DTO, a guard, a logger, and `await queue.add`.
// With SYNCHRONOUS=true it writes to MongoDB before it answers, and has no queue.
import { BullModule, InjectQueue } from '@nestjs/bullmq';
import {
  Body,
  Controller,
  HttpCode,
  Injectable,
  Logger,
  Module,
  Post,
  type ExecutionContext,
  type NestInterceptor,
  type CallHandler,
  Req,
  UseGuards,
  UseInterceptors,
  ValidationPipe,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { InjectModel, MongooseModule, Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import { AuthGuard, PassportModule, PassportStrategy } from '@nestjs/passport';
import type { Queue } from 'bullmq';
import { IsEmail, IsNotEmpty, IsOptional, IsString, MaxLength } from 'class-validator';
import type { Model } from 'mongoose';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { tap } from 'rxjs';
import { v4 } from 'uuid';

const env = (name: string): string => process.env[name] ?? '';
const isSynchronous = env('SYNCHRONOUS') === 'true';

class CreateCustomerDto {
  @IsString() @IsNotEmpty() @MaxLength(200) name: string;
  @IsEmail() email: string;
  @IsOptional() @IsString() @MaxLength(32) phone?: string;
  @IsOptional() @IsString() @MaxLength(500) address?: string;
}

@Schema({ timestamps: true })
class Customer {
  @Prop({ required: true }) tenantId: string;
  @Prop({ required: true }) name: string;
  @Prop({ required: true }) email: string;
  @Prop() phone?: string;
  @Prop() address?: string;
}
const CustomerSchema = SchemaFactory.createForClass(Customer);
CustomerSchema.index({ tenantId: 1, email: 1 }, { unique: true });

interface Claims {
  sub: string;
  tenantId: string;
}

@Injectable()
class JwtStrategy extends PassportStrategy(Strategy) {
  constructor() {
    super({ jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(), secretOrKey: env('JWT_SECRET') });
  }

  validate({ sub, tenantId }: Claims): Claims {
    return { sub, tenantId };
  }
}

@Injectable()
class LoggingInterceptor implements NestInterceptor {
  private readonly logger = new Logger('HTTP');

  intercept(context: ExecutionContext, next: CallHandler) {
    const { method, url } = context.switchToHttp().getRequest<{ method: string; url: string }>();
    const startedAt = Date.now();
    return next.handle().pipe(
      tap(() => {
        this.logger.log(`${method} ${url} ${Date.now() - startedAt}ms`);
      }),
    );
  }
}

@Controller('api/customer')
@UseGuards(AuthGuard('jwt'))
@UseInterceptors(LoggingInterceptor)
class QueueingController {
  constructor(@InjectQueue('customers') private readonly queue: Queue) {}

  @Post()
  @HttpCode(202)
  async create(@Body() customer: CreateCustomerDto, @Req() request: { user: Claims }) {
    const customerId = v4();
    const job = await this.queue.add(
      'create',
      { ...customer, customerId, tenantId: request.user.tenantId },
      { attempts: 5, backoff: { type: 'exponential', delay: 500 } },
    );
    return { success: true, data: { status: 'processing', customerId, jobId: job.id } };
  }
}

@Controller('api/customer')
@UseGuards(AuthGuard('jwt'))
@UseInterceptors(LoggingInterceptor)
class SynchronousController {
  constructor(@InjectModel(Customer.name) private readonly customers: Model<Customer>) {}

  @Post()
  @HttpCode(201)
  async create(@Body() customer: CreateCustomerDto, @Req() request: { user: Claims }) {
    const { id } = await this.customers.create({ ...customer, tenantId: request.user.tenantId });
    return { success: true, data: { customerId: id } };
  }
}

const redis = URL.parse(env('REDIS_URL'));
const queueing = {
  imports: [
    PassportModule,
    BullModule.forRoot({
      connection: { host: redis?.hostname ?? 'localhost', port: Number(redis?.port ?? 6379) },
      prefix: env('QUEUE_PREFIX'),
    }),
    BullModule.registerQueue({ name: 'customers' }),
  ],
  controllers: [QueueingController],
};
const synchronous = {
  imports: [
    PassportModule,
    MongooseModule.forRoot(env('MONGODB_URI'), { writeConcern: { w: 'majority', journal: true } }),
    MongooseModule.forFeature([{ name: Customer.name, schema: CustomerSchema }]),
  ],
  controllers: [SynchronousController],
};

@Module({ ...(isSynchronous ? synchronous : queueing), providers: [JwtStrategy] })
class NaiveModule {}

async function main(): Promise<void> {
  const app = await NestFactory.create(NaiveModule);
  app.useGlobalPipes(new ValidationPipe({ transform: true, whitelist: true, forbidNonWhitelisted: true }));
  app.enableShutdownHooks();
  await app.listen(Number(env('PORT')), '127.0.0.1');
}

void main();
