import { randomUUID } from 'node:crypto';
import type { Archive } from '../domain/ports/archive';
import type { Publication } from '../domain/ports/publication';
import { folderArchive } from './folder-archive';
import { publicationIn } from './publication-archive';

export const folderAt = (folder: string): Archive => folderArchive({ folder, uuid: randomUUID });

/** Where a deployment publishes its ledgers. @param archive `null`: nowhere, in development */
export const publicationAt = (archive: Archive | null): Publication | null =>
  archive === null ? null : publicationIn(archive);
