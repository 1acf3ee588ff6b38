import { randomBytes, randomUUID } from 'node:crypto';
import { ACTOR_TYP } from '../../../domain/actor';
import { APPROVAL_TYP } from '../../../domain/approval';
import { canonicalJson } from '../../../domain/canonical';
import type { ChangeOf } from '../../../domain/change';
import { sha256Hex, sha256OfText } from '../../../domain/digest';
import { instantOf, type KeyRef, type KeyVersion } from '../../../domain/ids';
import { checkValueOf } from '../../../domain/key-check';
import { operatorApprovalDigest } from '../../../domain/offboarding';
import type { OperationStage } from '../../../domain/stages';
import type { LockedFacts, Store } from '../../../store';
import { DEPLOYMENT } from './opened';
import { Story } from './story';

export const ANN = { kind: 'support', name: 'ann' } as const;
export const NEW_KEY = 'arn:aws:kms:eu-central-1:111111111111:key/new' as KeyRef;
const LATER = instantOf(4_000_000_000_000);

/** In customer custody, handed off. */
export async function active(store: Store): Promise<Story> {
  const story = await Story.at(store, 'handoff');
  await story.handOff();
  return story;
}

const unsigned = (typ: string, payload: object): string =>
  [{ alg: 'EdDSA', kid: 'k', typ }, payload]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .concat('c2ln')
    .join('.');

/** The offboarding of an active organization, one step after the other, as its activities would make it. */
export class Offboarding {
  constructor(
    readonly story: Story,
    readonly keyRef: KeyRef = NEW_KEY,
  ) {}

  async open(
    claimant = 'offboarding-1',
    actor: typeof ANN | { kind: 'system'; name: string } = ANN,
  ): Promise<void> {
    const { store, name } = this.story;
    this.story.operation = await store.claim({ organization: name, kind: 'offboard', claimant, actor });
  }

  /** To a reviewed plan. */
  async planned(): Promise<void> {
    await this.open();
    await this.story.verify();
    await this.story.plan();
    await this.story.review();
  }

  approval(planDigest = this.story.digest): ChangeOf<'approval-accepted'> {
    const { organization, operation, dryRunId } = this.story;
    const nonce = randomBytes(18).toString('base64url');
    const jws = unsigned(APPROVAL_TYP, {
      ...{ type: 'smsk-approval/v1', deployment: DEPLOYMENT, org: organization, operationId: operation.id },
      ...{ dryRunId, planDigest, decision: 'approve', role: 'customer-admin', credentialId: 'c'.repeat(43) },
      ...{ nonce, exp: 4_000_000_000 },
    });
    const evidence = canonicalJson({ kind: 'jws', jws });
    return {
      ...{ type: 'approval-accepted', planDigest: this.story.digest, dryRunId, decision: 'approve' },
      ...{ credentialId: 'c'.repeat(43), nonce, exp: LATER, evidence },
      evidenceSha256: sha256OfText(evidence),
    };
  }
  customerApproves(to: OperationStage = 'approval', change = this.approval()) {
    return this.story.step(change, 'approval', to);
  }

  operatorApproval(by = 'bo', planDigest = this.story.digest): ChangeOf<'operator-approved'> {
    const { name, operation, dryRunId } = this.story;
    const proof = unsigned(ACTOR_TYP, {
      ...{ organization: name, action: 'approveOffboarding', role: 'approver', name: by },
      ...{ jti: randomUUID(), exp: 4_000_000_000 },
      payloadDigest: operatorApprovalDigest(operation.id, planDigest),
    });
    return { type: 'operator-approved', planDigest: this.story.digest, dryRunId, by, proof };
  }
  operatorApproves(to: OperationStage = 'live', change = this.operatorApproval()) {
    return this.story.step(change, 'approval', to);
  }

  async launched(): Promise<void> {
    await this.planned();
    await this.customerApproves();
    await this.operatorApproves();
    await this.story.launch();
  }

  createKey(keyRef = this.keyRef) {
    return this.story.step({ type: 'platform-key-created', keyRef }, 'live', 'live');
  }

  envelope(version: number, other: Partial<ChangeOf<'envelope-staged'>> = {}): ChangeOf<'envelope-staged'> {
    const key = this.story.keys.get(version) ?? randomBytes(32);
    const wrapped = randomBytes(80);
    return {
      ...{ type: 'envelope-staged', version: version as KeyVersion, custody: 'platform', connectionId: null },
      ...{ wrapped, wrappedSha256: sha256Hex(wrapped), keyRef: this.keyRef, minted: false },
      checkValue: checkValueOf(key, this.story.organization, version as KeyVersion),
      ...other,
    };
  }
  stage(version: number, other: Partial<ChangeOf<'envelope-staged'>> = {}) {
    return this.story.step(this.envelope(version, other), 'live', 'live');
  }

  /** To just before its switch. */
  async staged(): Promise<void> {
    await this.launched();
    await this.createKey();
    for (const version of [1, 2]) await this.stage(version);
  }

  switchRequest(guard: (facts: LockedFacts) => Promise<void> = async () => undefined) {
    const { digest: planDigest } = this.story;
    const currentVersion = 2 as KeyVersion;
    return this.story.request(
      { type: 'custody-switched', custody: 'platform', planDigest, currentVersion },
      'live',
      'sealing',
      { guard: guard as (facts: unknown) => Promise<void> },
    );
  }
  switch(guard?: (facts: LockedFacts) => Promise<void>) {
    return this.story.store.commit(this.switchRequest(guard));
  }

  async erase() {
    const { store, organization } = this.story;
    const superseded = await store.supersededEnvelopes(organization);
    const envelopes = superseded.map(({ version, wrappedSha256, keyRef }) => ({
      ...{ version, wrappedSha256, keyRef },
    }));
    const retired = [...new Set(superseded.map(({ keyRef }) => keyRef))];
    const change = {
      type: 'superseded-envelopes-erased',
      envelopes,
      retired,
      backupsExpireAt: LATER,
    } as const;
    return this.story.step(change, 'sealing', 'handoff');
  }

  async complete(): Promise<void> {
    await this.staged();
    await this.switch();
    await this.erase();
    await this.story.handOff();
  }
}
