import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Sha256Hex } from '../../domain/ids';
import { nodeSuite } from '../../ledger/node/suite';
import { openSigner } from '../../ledger/signer';
import { createSignerKeys, KEY_FILES, loadSigningKey } from '../../ledger/signer-keys';
import { verifyBundle } from '../../ledger/verify/bundle';
import { parseTrust } from '../../ledger/verify/trust';
import { DEPLOYMENT, newSigningKey } from '../harness/evidence-fixture';
import { OTHER_PLAN, type Otherwise, offboardedEvidence } from '../harness/offboarding-evidence';

const scratch = mkdtempSync(join(tmpdir(), 'smsk-offboarding-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
let signers = 0;

async function evidence(otherwise: Otherwise = {}) {
  signers += 1;
  const folder = join(scratch, `signer-${signers}`);
  await createSignerKeys(folder);
  const signer = await openSigner({ folder, deployment: DEPLOYMENT, mode: 'development' });
  const custodyKey = await loadSigningKey(join(folder, KEY_FILES.custody));
  return offboardedEvidence(signer, custodyKey, otherwise);
}

test('inv12 an offboarding is explained whole, by keys from outside the bundle', async () => {
  const { files, trust } = await evidence();
  const verdict = await verifyBundle(nodeSuite, files, { trust: parseTrust(nodeSuite, trust) });
  expect(verdict).toMatchObject({ verdict: 'verified', findings: [] });
  const withoutActor = trust.slice(0, trust.indexOf('actor '));
  expect(await verifyBundle(nodeSuite, files, { trust: parseTrust(nodeSuite, withoutActor) })).toMatchObject({
    verdict: 'self-attested',
    findings: [],
  });
});

const thief = newSigningKey();
/** Each with the custody key stolen, so that the statements' own signatures hold. */
const FORGED: Readonly<Record<string, readonly [Otherwise, string]>> = {
  'no statement of both approvals': [{ without: 'offboarded' }, 'no statement says'],
  'an operation of another kind': [{ kind: 'rotate' }, 'by no offboarding'],
  'an approval by nobody’s key': [{ customerKey: thief }, 'signed by no enrolled key'],
  'a customer’s approval of another plan': [{ customer: { planDigest: OTHER_PLAN } }, 'not of its plan'],
  'a customer’s rejection': [{ customer: { decision: 'reject' } }, 'not of its plan'],
  'a customer’s approval that no entry accepts': [{ without: 'approval-accepted' }, 'by no enrolled key'],
  'an operator’s approval that isn’t the API’s word': [{ actorKey: thief }, 'not the API’s word'],
  'an operator’s approval of another plan': [
    { operator: { payloadDigest: OTHER_PLAN as Sha256Hex } },
    'not of its plan',
  ],
  'an operator’s approval on no record': [{ without: 'operator-approved' }, 'has the operator’s approval'],
  'another approver on record than signed for': [{ recorded: { by: 'mallory' } }, 'another approver'],
  'a starter who approves': [{ operator: { name: ' Ann' }, recorded: { by: ' Ann' } }, 'approved it as well'],
  'a starter whom nobody knows': [
    { starter: { kind: 'temporal:unverified', name: 'temporal' } },
    'who may start one',
  ],
  'a switch to another key than was made for it': [{ created: 'arn:aws:kms:x:1:key/z' }, 'another key than'],
  'a key that nobody made': [{ without: 'platform-key-created' }, 'another key than'],
  'another workspace key in the place of the live one': [{ checkValue: 'ab'.repeat(32) }, 'is another key'],
};

test.each(Object.entries(FORGED))('inv12 %s is found', async (_, [otherwise, why]) => {
  const { files, trust } = await evidence(otherwise);
  const verdict = await verifyBundle(nodeSuite, files, { trust: parseTrust(nodeSuite, trust) });
  expect(verdict.verdict).toBe('failed');
  expect(verdict.findings).toContainEqual(
    expect.objectContaining({ code: 'OFFBOARDING_UNPROVED', text: expect.stringContaining(why) }),
  );
});

test('inv12 a statement of both approvals beside another plan than was switched is found', async () => {
  const { files } = await evidence({ statement: { planDigest: OTHER_PLAN } });
  const { findings } = await verifyBundle(nodeSuite, files);
  expect(findings.map(({ code }) => code)).toContain('NOT_IN_LEDGER');
});
