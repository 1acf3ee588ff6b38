import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ApiRefused } from '../../api/client';
import type { Cast } from './cast';
import { incidentCloses, incidentOpens } from './incident';
import type { Chapter } from './report';
import { wordsOf } from './words';

const RECORD = new TextEncoder().encode('patient 4711: blood type 0 negative');
export const CONTEXT = { table: 'patients', row: '4711' };

/** A record from the time of platform custody, to be read after the switch. */
export async function writeBefore(chapter: Chapter, { org, service, folder }: Cast): Promise<void> {
  await chapter.step(org, 'write before', async () => {
    const kept = join(folder, 'before.bin');
    const done = existsSync(kept);
    if (!done) writeFileSync(kept, await service.encrypt(org, RECORD, CONTEXT));
    return { words: 'a record under platform custody, as every organization starts', entry: null, done };
  });
}

/** The customer's switch works at the very next operation, both ways. */
export async function playOffSwitch(chapter: Chapter, cast: Cast): Promise<void> {
  const { org, service, support, customer, folder } = cast;
  const kept = join(folder, 'record.bin');
  const words = wordsOf(customer.provider);

  await chapter.step(org, 'encrypt and read', async () => {
    // An earlier run may have been interrupted while the key was off.
    await customer.enableKey();
    const done = existsSync(kept);
    const ciphertext = done ? readFileSync(kept) : await service.encrypt(org, RECORD, CONTEXT);
    if (!done) writeFileSync(kept, ciphertext);
    const read = await service.decrypt(org, ciphertext, CONTEXT);
    if (!Buffer.from(read).equals(RECORD)) throw new Error('what was read isn’t what was written');
    return {
      words: `a record of ${RECORD.length} bytes, ${ciphertext.length} bytes encrypted`,
      entry: null,
      done,
    };
  });

  await chapter.step(org, 'customer disables key', async () => {
    await customer.disableKey();
    return { words: words.disabled, entry: null };
  });
  await chapter.step(org, 'next read refused', async () =>
    refused(() => service.decrypt(org, readFileSync(kept), CONTEXT)),
  );
  await chapter.step(org, 'next write refused', async () =>
    refused(() => service.encrypt(org, RECORD, CONTEXT)),
  );

  const incident = await incidentOpens(chapter, support, org);

  await chapter.step(org, 'customer enables key', async () => {
    await customer.enableKey();
    return { words: words.enabled, entry: null };
  });
  await chapter.step(org, 'next read works', async () => {
    await readBack(cast);
    return { words: 'nothing was re-encrypted, nobody intervened', entry: null };
  });
  await chapter.step(org, 'next write works', async () => {
    await service.encrypt(org, RECORD, CONTEXT);
    return { words: 'likewise', entry: null };
  });
  await incidentCloses(chapter, support, org, incident);
}

/** Reads the record that was written under the customer's key. @throws Error where it isn't what was written */
export async function readBack({ org, service, folder }: Cast): Promise<void> {
  const read = await service.decrypt(org, readFileSync(join(folder, 'record.bin')), CONTEXT);
  if (!Buffer.from(read).equals(RECORD)) throw new Error('what was read isn’t what was written');
}

/** @throws Error where it isn't */
export async function refused(operation: () => Promise<unknown>): Promise<{ words: string; entry: null }> {
  try {
    await operation();
  } catch (error) {
    if (error instanceof ApiRefused && error.problem.code === 'WORKSPACE_UNAVAILABLE') {
      return {
        words: `HTTP ${error.problem.status} ${error.problem.code}: ${error.problem.detail ?? error.problem.text}`,
        entry: null,
      };
    }
    throw error;
  }
  throw new Error('it should have been refused');
}
