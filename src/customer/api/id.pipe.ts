import { Injectable, NotFoundException, type PipeTransform } from '@nestjs/common';
import { isId } from '../customer-id';

/** What is no id can't be found: 404, like an id of another tenant. */
@Injectable()
export class IdPipe implements PipeTransform<string, string> {
  transform(value: string): string {
    if (!isId(value)) throw new NotFoundException('There is nothing with this id.');
    return value.toLowerCase();
  }
}
