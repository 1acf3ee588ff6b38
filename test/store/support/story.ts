import { randomBytes, randomUUID } from 'node:crypto';
import { SYSTEM } from '../../../domain/actor';
import type { Change, Committed, OperationChange } from '../../../domain/change';
import { type ConnectionInput, connectionDigest } from '../../../domain/connection';
import { sha256Hex } from '../../../domain/digest';
import { CHECKS, type Finding } from '../../../domain/finding';
import {
  type ConnectionId,
  type DryRunId,
  type Instant,
  instantOf,
  type KeyRef,
  type KeyVersion,
  type OperationId,
  type OrganizationId,
  type OrganizationName,
  type Sha256Hex,
} from '../../../domain/ids';
import { checkValueOf } from '../../../domain/key-check';
import { planDigest, planOf } from '../../../domain/plan';
import type { OperationStage } from '../../../domain/stages';
import type { CommitRequest, OperationRecord, Store } from '../../../store';

export const PLATFORM_KEY = 'arn:aws:kms:eu-central-1:111111111111:key/platform' as KeyRef;
export const clean: readonly Finding[] = CHECKS.map((check) => ({ check, result: 'ok', requestId: null }));
export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

export function inputFor(account: string): ConnectionInput {
  return {
    provider: 'aws-kms',
    region: 'eu-central-1',
    key: `arn:aws:kms:eu-central-1:${account}:key/11111111-2222-3333-4444-555555555555`,
    credential: { kind: 'aws-role', roleArn: `arn:aws:iam::${account}:role/novantra-wrap` },
  };
}

/** An organization on its way, one step after the other, as the activities would make it. */
export class Story {
  operation: OperationRecord;
  dryRunId = '' as DryRunId;
  digest = '' as Sha256Hex;
  readonly keys = new Map<number, Uint8Array>();
  private steps = 0;
  private seq = 0;

  private constructor(
    readonly store: Store,
    readonly name: OrganizationName,
    created: OperationRecord,
    readonly account: string,
  ) {
    this.operation = created;
  }

  static async begin(store: Store, name = `org-${randomUUID().slice(0, 8)}`): Promise<Story> {
    const named = name as OrganizationName;
    const created = await store.createOrganization({ name: named, claimant: 'run-0', actor: SYSTEM });
    const account = String(randomBytes(6).readUIntBE(0, 6) % 10 ** 12).padStart(12, '1');
    return new Story(store, named, created, account);
  }

  /** With its first key version, under platform custody. */
  static async created(store: Store, name?: string): Promise<Story> {
    const story = await Story.begin(store, name);
    await story.step({ type: 'platform-key-created', keyRef: PLATFORM_KEY }, 'entitlement', 'live');
    await story.stage(1, 'platform', true);
    await story.step(
      { type: 'custody-switched', custody: 'platform', planDigest: null, currentVersion: 1 as KeyVersion },
      'live',
      'closed',
    );
    return story;
  }

  /** With an open activation that stands at this stage. */
  static async at(store: Store, stage: OperationStage, name?: string): Promise<Story> {
    const story = await Story.created(store, name);
    await story.order();
    await story.claim();
    for (const [next, go] of story.way()) {
      if (story.operation.stage === stage) break;
      await go();
      story.operation = { ...story.operation, stage: next };
    }
    return story;
  }

  get organization(): OrganizationId {
    return this.operation.organization;
  }
  get input(): ConnectionInput {
    return inputFor(this.account);
  }
  get connectionId(): ConnectionId {
    return this.operation.connectionId as ConnectionId;
  }

  private way(): [OperationStage, () => Promise<unknown>][] {
    return [
      ['setup', () => this.confirmEntitlement()],
      ['verification', () => this.connect()],
      ['dry-run', () => this.verify()],
      [
        'approval',
        async () => {
          await this.plan();
          await this.review();
        },
      ],
      ['live', () => this.approve()],
      [
        'sealing',
        async () => {
          await this.launch();
          await this.stage(1, 'customer', false);
          await this.stage(2, 'customer', true);
          await this.switch();
        },
      ],
      ['handoff', () => this.seal()],
    ];
  }

  async claim(claimant = 'run-1'): Promise<OperationRecord> {
    const request = { organization: this.name, kind: 'activate', claimant, actor: SYSTEM } as const;
    this.operation = await this.store.claim(request);
    return this.operation;
  }

  request(
    change: OperationChange,
    from: OperationStage,
    to: OperationStage,
    more: Partial<Pick<Extract<CommitRequest, { from: OperationStage }>, 'guard' | 'closing'>> = {},
  ) {
    this.steps += 1;
    const { organization, id: operationId, epoch } = this.operation;
    const fence = { organization, operationId, epoch };
    const idempotencyKey = `${operationId}/${this.steps}/${change.type}`;
    return { idempotencyKey, actor: SYSTEM, fence, from, to, change, ...more };
  }

  step(...args: Parameters<Story['request']>): Promise<Committed> {
    return this.store.commit(this.request(...args));
  }

  unfenced(change: Extract<CommitRequest, { fence: null }>['change']) {
    this.steps += 1;
    const { organization } = this;
    return { idempotencyKey: `unfenced/${this.steps}`, actor: SYSTEM, fence: null, organization, change };
  }

  orderChange(
    seq: number,
    kind: 'order' | 'withdrawal' = 'order',
  ): Extract<Change, { type: 'order-accepted' }> {
    const exp = instantOf(4_000_000_000_000);
    return {
      type: 'order-accepted',
      jws: `a.${seq}.${kind}`,
      orderRef: 'PO-1',
      jti: `order-${seq}`,
      seq,
      kind,
      exp,
    };
  }
  order(kind: 'order' | 'withdrawal' = 'order'): Promise<Committed> {
    this.seq += 1;
    return this.store.commit(this.unfenced(this.orderChange(this.seq, kind)));
  }

  confirmEntitlement(): Promise<Committed> {
    const orderDigest = sha256Hex(utf8('a'));
    return this.step(
      { type: 'entitlement-confirmed', orderRef: 'PO-1', orderDigest },
      'entitlement',
      'setup',
    );
  }

  async connect(from: OperationStage = 'setup', input = this.input): Promise<ConnectionId> {
    const connectionId = randomUUID() as ConnectionId;
    const { externalId = '' } = (await this.store.organizationByName(this.name)) ?? {};
    const digest = connectionDigest(this.organization, externalId, input);
    await this.step({ type: 'connection-submitted', connectionId, input, digest }, from, 'verification');
    this.operation = { ...this.operation, connectionId };
    return connectionId;
  }

  verify(
    from: OperationStage = 'verification',
    to: OperationStage = 'dry-run',
    findings = clean,
    keyRef = this.input.key as KeyRef,
  ): Promise<Committed> {
    const canary = { wrapped: randomBytes(40), keyRef };
    const { connectionId } = this;
    return this.step({ type: 'verification-recorded', connectionId, findings, keyRef, canary }, from, to);
  }

  async plan(from: OperationStage = 'dry-run', computedAt?: Instant): Promise<Committed> {
    const facts = await this.store.planFacts(this.operation.id);
    const dryRunId = randomUUID() as DryRunId;
    const plan = planOf(facts, dryRunId, computedAt ?? (await this.store.now()));
    this.dryRunId = dryRunId;
    this.digest = planDigest(plan);
    return this.step(
      { type: 'dry-run-recorded', dryRunId, plan, planDigest: this.digest, findings: clean, blockers: [] },
      from,
      'dry-run',
    );
  }

  review(): Promise<Committed> {
    const { dryRunId, digest } = this;
    return this.step(
      { type: 'dry-run-reviewed', dryRunId, planDigest: digest, note: null },
      'dry-run',
      'approval',
    );
  }

  approvalChange(nonce: string): Extract<OperationChange, { type: 'approval-accepted' }> {
    const evidence = `evidence ${nonce}`;
    return {
      type: 'approval-accepted',
      planDigest: this.digest,
      dryRunId: this.dryRunId,
      decision: 'approve',
      credentialId: 'c'.repeat(43),
      nonce,
      exp: instantOf(4_000_000_000_000),
      evidence,
      evidenceSha256: sha256Hex(utf8(evidence)),
    };
  }
  approve(nonce: string = randomUUID()): Promise<Committed> {
    return this.step(this.approvalChange(nonce), 'approval', 'live');
  }

  launch(): Promise<Committed> {
    return this.step({ type: 'live-launched', planDigest: this.digest }, 'live', 'live');
  }

  envelopeChange(
    version: number,
    custody: 'platform' | 'customer',
    minted: boolean,
  ): Extract<OperationChange, { type: 'envelope-staged' }> {
    const key = this.keys.get(version) ?? randomBytes(32);
    this.keys.set(version, key);
    const wrapped = randomBytes(80);
    return {
      type: 'envelope-staged',
      version: version as KeyVersion,
      custody,
      connectionId: custody === 'platform' ? null : this.connectionId,
      wrapped,
      wrappedSha256: sha256Hex(wrapped),
      keyRef: custody === 'platform' ? PLATFORM_KEY : (this.input.key as KeyRef),
      checkValue: checkValueOf(key, this.organization, version as KeyVersion),
      minted,
    };
  }
  stage(version: number, custody: 'platform' | 'customer', minted: boolean): Promise<Committed> {
    return this.step(this.envelopeChange(version, custody, minted), 'live', 'live');
  }

  switchRequest(guard: (facts: unknown) => Promise<void> = async () => undefined) {
    const currentVersion = 2 as KeyVersion;
    return this.request(
      { type: 'custody-switched', custody: 'customer', planDigest: this.digest, currentVersion },
      'live',
      'sealing',
      { guard },
    );
  }
  switch(guard?: (facts: unknown) => Promise<void>): Promise<Committed> {
    return this.store.commit(this.switchRequest(guard));
  }

  /** One try with the platform key. */
  probe(nth: number, refused = true): Promise<Committed> {
    const change = {
      type: 'platform-key-probed',
      keyRef: PLATFORM_KEY,
      nth,
      refused,
      requestId: null,
    } as const;
    return this.step(change, 'sealing', 'sealing');
  }
  /** As many refusals as these tests' stores ask for. */
  async proveDead(): Promise<void> {
    for (let nth = 0; nth < 3; nth += 1) await this.probe(nth);
  }

  async seal(): Promise<void> {
    const inSealing = (change: OperationChange) => this.step(change, 'sealing', 'sealing');
    await inSealing({ type: 'platform-key-disabled', keyRef: PLATFORM_KEY });
    await this.proveDead();
    await inSealing({ type: 'platform-sealed', keyRef: PLATFORM_KEY });
    const envelopes = (await this.store.platformEnvelopes(this.organization)).map(
      ({ version, wrappedSha256 }) => ({
        version,
        wrappedSha256,
      }),
    );
    await inSealing({ type: 'platform-envelopes-erased', envelopes });
    const destroyedAt = instantOf(2_000_000_000_000);
    await inSealing({ type: 'platform-key-deletion-scheduled', keyRef: PLATFORM_KEY, destroyedAt });
    await this.step({ type: 'live-entered', currentVersion: 2 as KeyVersion }, 'sealing', 'handoff');
  }

  handOff(): Promise<Committed> {
    const contacts = [{ name: 'Ada', email: 'ada@example.com', duty: 'security' as const }];
    return this.step(
      { type: 'handoff-recorded', contacts, runbook: ['https://example.com/r'] },
      'handoff',
      'closed',
      {
        closing: { outcome: 'completed', reason: null },
      },
    );
  }

  cancel(from: OperationStage): Promise<Committed> {
    return this.step({ type: 'operation-closed', outcome: 'cancelled', reason: null }, from, 'closed');
  }

  async current(id: OperationId = this.operation.id): Promise<OperationRecord> {
    const record = await this.store.operation(this.organization, id);
    if (record === null) throw new Error('no operation');
    return record;
  }
}

/** Everything but the incidents and usage, to see that nothing changed. */
export const refused = (code: string) => expect.objectContaining({ name: 'Refusal', code });
