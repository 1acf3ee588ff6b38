import { generateKeyPairSync, type KeyObject, randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { CompactSign, calculateJwkThumbprint } from 'jose';
import { createActorSigner } from '../../../authority';
import { type Permission, type Role, SYSTEM } from '../../../domain/actor';
import { APPROVAL_TYP } from '../../../domain/approval';
import { canonicalJson, type JsonObject } from '../../../domain/canonical';
import type { ApprovedKind } from '../../../domain/custody';
import { instantOf, type OrganizationId, type OrganizationName } from '../../../domain/ids';
import type { Action } from '../../../domain/stages';
import { signerClient } from '../../../ledger/signer-client';
import { createStore, type Store } from '../../../store';
import {
  activationId,
  actorPayloadDigest,
  type OperationStatus,
  operationWorkflowId,
  startActivation,
  startConnectionChange,
  startOffboarding,
  startOrganization,
  startRotation,
  statusQuery,
  updates,
  WORKFLOW_TYPES,
} from '../../../workflows/contract';
import { type BenchAdministrator, benchCustomer } from './customer';
import { until } from './until';
import { firedTimersMs } from './waits';
import type { World } from './world';

/** An organization that has everything its activation needs of others: order, approver, and a key that lets us in. */
export interface Prepared {
  readonly name: OrganizationName;
  readonly id: OrganizationId;
  readonly customer: BenchAdministrator;
  readonly approvalKey: KeyObject;
  readonly thumbprint: string;
}

const ANSWERED_WITHIN_MS = 60_000;

const STARTED = {
  activate: {
    type: WORKFLOW_TYPES.activateCustomerKey,
    starting: startActivation,
    permission: 'startActivation',
  },
  'change-connection': {
    type: WORKFLOW_TYPES.changeConnection,
    starting: startConnectionChange,
    permission: 'startConnectionChange',
  },
  offboard: {
    type: WORKFLOW_TYPES.offboardCustomerKey,
    starting: startOffboarding,
    permission: 'startOffboarding',
  },
} as const satisfies Record<ApprovedKind, object>;

/** The product's own activation, driven as its clients drive it. */
export class Ours {
  private constructor(
    private readonly world: World,
    private readonly client: Client,
    readonly store: Store,
    private readonly signActor: Awaited<ReturnType<typeof createActorSigner>>,
  ) {}

  static async open(world: World, client: Client): Promise<Ours> {
    const { folder, config, database } = world;
    const read = (file: string) => readFileSync(join(folder, file), 'utf8').trim();
    const signer = signerClient({
      socketPath: join(folder, config.signer.socket),
      token: read(config.signer.tokenFile),
    });
    const { deployment, mode } = config;
    const options = { url: database.url, deployment, mode, random: randomBytes };
    const store = createStore(options, signer, { warn: () => undefined });
    const signActor = await createActorSigner(read(config.api.actorKeyFile), config.api.actorKid);
    return new Ours(world, client, store, signActor);
  }

  close(): Promise<void> {
    return this.store.close();
  }

  /** Another key of the same organization's customer, in another account of theirs. */
  newKey(id: OrganizationId, externalId: string): Promise<BenchAdministrator> {
    return benchCustomer(this.world, id, externalId);
  }

  /** Up to where the activation may be started. Not measured. */
  async prepare(): Promise<Prepared> {
    const name = `org-${randomBytes(6).toString('hex')}` as OrganizationName;
    const input = { organization: name };
    const start = startOrganization(await this.#signed(name, 'support', 'createOrganization', input));
    await this.client.workflow.execute(WORKFLOW_TYPES.createOrganization, start);
    const organization = await this.store.organizationByName(name);
    if (organization === null) throw new Error(`${name} was not created`);
    const { id, externalId } = organization;
    const { publicKey, privateKey: approvalKey } = generateKeyPairSync('ed25519');
    const { x = '' } = publicKey.export({ format: 'jwk' });
    const publicJwk = { kty: 'OKP', crv: 'Ed25519', x } as const;
    const thumbprint = await calculateJwkThumbprint(publicJwk);
    const { deployment } = this.world.config;
    const { jws, claims } = await this.world.commerce.sign({
      aud: deployment,
      org: id,
      orderRef: 'SO-1',
      thumbprint,
    });
    const unfenced = { actor: SYSTEM, fence: null, organization: id } as const;
    await this.store.commit({
      ...unfenced,
      idempotencyKey: `order/${claims.jti}`,
      change: {
        type: 'order-accepted',
        jws,
        orderRef: claims.orderRef,
        jti: claims.jti,
        seq: claims.seq,
        kind: 'order',
        exp: instantOf(claims.exp * 1000),
      },
    });
    const enrolledAt = await this.store.now();
    await this.store.commit({
      ...unfenced,
      idempotencyKey: `enrol/${thumbprint}`,
      change: {
        type: 'approver-enrolled',
        key: { credentialId: thumbprint, publicJwk, role: 'customer-admin', enrolledAt, removedAt: null },
        by: { kind: 'order', orderRef: claims.orderRef },
      },
    });
    const customer = await benchCustomer(this.world, id, externalId);
    return { name, id, customer, approvalKey, thumbprint };
  }

  /**
   * From the start to the workflow's end, each message sent as soon as it may be.
   * @returns milliseconds, without those of its timers
   */
  async activate(prepared: Prepared): Promise<number> {
    const { name, customer } = prepared;
    const began = performance.now();
    await this.start('activate', name);
    const handle = this.client.workflow.getHandle(activationId(name));
    const reached = (wanted: (status: OperationStatus) => boolean) =>
      until(() => handle.query(statusQuery), wanted);

    const { operationId } = await reached(({ stage }) => stage === 'setup');
    const send = (role: Role, action: Action, message: JsonObject) =>
      this.send('activate', name, role, action, { operationId, ...message });
    await send('customer-admin', 'submitConnection', { connection: customer.connection });
    await reached(({ stage }) => stage === 'dry-run');
    await send('support', 'launchDryRun', { dryRun: true });
    const { dryRun } = await reached((status) => status.dryRun !== null);
    const planDigest = dryRun?.planDigest ?? '';
    await send('support', 'reviewDryRun', { planDigest });
    const approved = { operationId: operationId ?? '', dryRunId: dryRun?.dryRunId ?? '', planDigest };
    await send('customer-admin', 'approve', await this.approvalOf(prepared, approved));
    await send('support', 'launchLive', { planDigest });
    await reached(({ stage }) => stage === 'handoff');
    await send('support', 'recordHandoff', {
      contacts: [{ name: 'Security desk', email: 'security@acme.example', duty: 'security' }],
      runbook: ['https://wiki.acme.example/keys'],
    });
    const { outcome } = (await handle.result()) as { outcome: string };
    if (outcome !== 'completed') throw new Error(`the activation ended ${outcome}`);
    const ms = performance.now() - began;
    return ms - (await firedTimersMs(handle));
  }

  /** Opens an operation that people approve. @throws WorkflowExecutionAlreadyStartedError where one of its kind is under way */
  async start(kind: ApprovedKind, name: OrganizationName): Promise<void> {
    const { type, starting, permission } = STARTED[kind];
    const input = await this.#signed(name, 'support', permission, { organization: name });
    await this.client.workflow.start(type, starting(input));
  }

  /** What the customer signs over a plan, as it is sent. */
  async approvalOf(
    { id, approvalKey, thumbprint }: Prepared,
    of: { readonly operationId: string; readonly dryRunId: string; readonly planDigest: string },
  ) {
    const payload = {
      type: 'smsk-approval/v1',
      deployment: this.world.config.deployment,
      org: id,
      ...of,
      decision: 'approve',
      role: 'customer-admin',
      credentialId: thumbprint,
      nonce: randomBytes(24).toString('base64url'),
      exp: Math.floor(Date.now() / 1000) + 3600,
    };
    const jws = await new CompactSign(Buffer.from(canonicalJson(payload)))
      .setProtectedHeader({ alg: 'EdDSA', typ: APPROVAL_TYP, kid: thumbprint })
      .sign(approvalKey);
    return { planDigest: of.planDigest, evidence: { kind: 'jws', jws } };
  }

  /** Asks for a rotation and doesn't wait for it. @throws WorkflowExecutionAlreadyStartedError where one is under way */
  async rotate(name: OrganizationName, newKeyVersion: boolean): Promise<void> {
    const input = { organization: name, newKeyVersion };
    const start = startRotation(await this.#signed(name, 'support', 'startRotation', input));
    await this.client.workflow.start(WORKFLOW_TYPES.rotateCustomerKey, start);
  }

  /** A message to the operation of that kind, answered within {@link ANSWERED_WITHIN_MS}. */
  async send(
    kind: ApprovedKind,
    organization: OrganizationName,
    role: Role,
    action: Action,
    message: JsonObject,
  ): Promise<void> {
    const updateId = randomUUID();
    const args = [await this.#signed(organization, role, action, message, updateId)];
    const handle = this.client.workflow.getHandle(operationWorkflowId(kind, organization));
    await this.client.withDeadline(Date.now() + ANSWERED_WITHIN_MS, () =>
      // Each message's type is its own; the workflow parses it in any case.
      handle.executeUpdate(updates[action] as never, { args, updateId } as never),
    );
  }

  async #signed<T extends JsonObject>(
    organization: OrganizationName,
    role: Role,
    action: Permission,
    message: T,
    jti: string = randomUUID(),
  ): Promise<T & { actor: string }> {
    const payloadDigest = actorPayloadDigest(message);
    const exp = Math.floor(Date.now() / 1000) + 300;
    const actor = await this.signActor({
      organization,
      action,
      payloadDigest,
      role,
      // A person for each role: an offboarding wants two.
      name: `${role}@bench`,
      jti,
      exp,
    });
    return { ...message, actor };
  }
}
