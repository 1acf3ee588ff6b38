import { randomUUID } from 'node:crypto';
import type { Publication } from '../domain/ports/publication';
import { publicationFolder } from './publication-folder';

/** Where a deployment publishes its ledgers. @param folder `null`: nowhere, in development */
export const publicationAt = (folder: string | null): Publication | null =>
  folder === null ? null : publicationFolder({ folder, uuid: randomUUID });
