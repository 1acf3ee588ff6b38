import { randomBytes } from 'node:crypto';
import { codecKeys, type SealContext } from '../../runtime/payload-codec';
import { dataConverter } from '../../runtime/temporal';

/** One for all tests, and for the recorded histories: what was sealed when they were recorded must open. */
const KEY = { id: 'test', secret: Buffer.alloc(32, 7).toString('base64url') };

export const TEST_SEALING: SealContext = {
  keys: codecKeys([KEY]),
  deployment: 'test',
  random: (bytes) => new Uint8Array(randomBytes(bytes)),
};
export const TEST_CONVERTER = dataConverter(TEST_SEALING);
