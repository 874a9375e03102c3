import { Injectable } from '@nestjs/common';
import { ImportLists, type ListsCleaned } from '../../customer/import/import-lists';
import type { MaintenanceHandler } from './maintenance-handler';

@Injectable()
export class CleanImportsHandler implements MaintenanceHandler<'CLEAN_IMPORTS'> {
  constructor(private readonly lists: ImportLists) {}

  handle(stopping: AbortSignal): Promise<ListsCleaned> {
    return this.lists.clean(stopping);
  }
}
