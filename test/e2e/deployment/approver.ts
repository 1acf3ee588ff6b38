import { generateKeyPairSync, randomBytes, type webcrypto } from 'node:crypto';
import { CompactSign, calculateJwkThumbprint, exportJWK } from 'jose';
import {
  APPROVAL_TYP,
  type ApprovalEvidence,
  type ApprovalPayload,
  type ApproverKey,
} from '../../../domain/approval';
import { canonicalJson, type JsonObject } from '../../../domain/canonical';
import { ENROLMENT_TYP } from '../../../domain/enrolment';

/** A customer admin with a key that nobody else has. */
export class Approver {
  private constructor(
    readonly publicJwk: ApproverKey['publicJwk'],
    readonly thumbprint: string,
    private readonly privateKey: webcrypto.CryptoKey | ReturnType<typeof generateKeyPairSync>['privateKey'],
  ) {}

  static async make(): Promise<Approver> {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const { x = '' } = await exportJWK(publicKey);
    const publicJwk = { kty: 'OKP', crv: 'Ed25519', x } as const;
    return new Approver(publicJwk, await calculateJwkThumbprint(publicJwk), privateKey);
  }

  /** What everything this key signs begins with; good for an hour. */
  frame() {
    return {
      credentialId: this.thumbprint,
      nonce: randomBytes(24).toString('base64url'),
      exp: Math.floor(Date.now() / 1000) + 3600,
    };
  }

  async approves(
    plan: Pick<ApprovalPayload, 'deployment' | 'org' | 'operationId' | 'dryRunId' | 'planDigest'>,
    changes: Partial<Record<keyof ApprovalPayload, unknown>> = {},
  ): Promise<ApprovalEvidence> {
    const payload = {
      type: 'smsk-approval/v1',
      decision: 'approve',
      role: 'customer-admin',
      ...plan,
      ...this.frame(),
      ...changes,
    };
    return { kind: 'jws', jws: await this.sign(APPROVAL_TYP, payload) };
  }

  /** The enrolment of another key, or its removal. */
  enrols(about: JsonObject): Promise<string> {
    return this.sign(ENROLMENT_TYP, { type: 'smsk-enrolment/v1', ...about, ...this.frame() });
  }

  private sign(typ: string, payload: object): Promise<string> {
    return new CompactSign(new TextEncoder().encode(canonicalJson(payload as JsonObject)))
      .setProtectedHeader({ alg: 'EdDSA', typ, kid: this.thumbprint })
      .sign(this.privateKey);
  }
}
