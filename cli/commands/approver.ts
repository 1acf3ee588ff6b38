import { existsSync, writeFileSync } from 'node:fs';
import type { JsonObject } from '../../domain/canonical';
import { ENROLMENT_TYP, type EnrolmentPayload } from '../../domain/enrolment';
import type { AddCommand, Outcome, Run } from '../command';
import { EXIT } from '../exit-codes';
import { Declined } from '../failure';
import { localKey, newPrivateKey, publicKeyIn, thumbprintOf } from '../keys';
import { forOrganization } from '../options';
import { fields, table } from '../words/table';

/** `smsk approver keygen|enrol|remove|list` */
export const approver: AddCommand = (program, act) => {
  const group = program.command('approver').description('keys that may approve for the customer');
  act(
    group
      .command('keygen')
      .requiredOption('--out <file>', 'where the private key goes; FILE.pub.json gets the public one')
      .description('make an approval key on this machine; the private half never leaves it'),
    keygen,
  );
  act(
    forOrganization(group.command('enrol'))
      .requiredOption('--key <file>', 'the key to enrol: its FILE.pub.json, or the key file itself')
      .option(
        '--signed-by <file>',
        'key file of an approver enrolled now; the first key, named in the order, needs none',
      )
      .description('enrol an approval key'),
    enrol,
  );
  act(
    forOrganization(group.command('remove'))
      .requiredOption('--credential <thumbprint>', 'the key to remove, as `approver list` names it')
      .requiredOption('--signed-by <file>', 'key file of an approver enrolled now')
      .description('remove an approval key; it never comes back'),
    remove,
  );
  act(forOrganization(group.command('list')).description('keys that may approve, and those removed'), list);
};

async function keygen(_: Run, { out }: { out: string }): Promise<Outcome> {
  const publicFile = `${out}.pub.json`;
  for (const file of [out, publicFile])
    if (existsSync(file)) throw new Declined(`${file} exists`, 'choose another name', EXIT.usage);
  const { pem, publicJwk } = newPrivateKey();
  writeFileSync(out, pem, { mode: 0o600, flag: 'wx' });
  writeFileSync(publicFile, `${JSON.stringify(publicJwk)}\n`, { mode: 0o644, flag: 'wx' });
  const credentialId = await thumbprintOf(publicJwk);
  return {
    json: { credentialId, publicJwk, keyFile: out, publicFile },
    text: `approval key made\n${fields([
      ['private', `${out} (keep it; nobody can restore it)`],
      ['public', publicFile],
      ['thumbprint', credentialId],
      ['next', 'give the thumbprint to the commercial process: the order names it'],
    ])}`,
  };
}

interface EnrolOptions {
  readonly org: string;
  readonly key: string;
  readonly signedBy?: string;
}

async function enrol(run: Run, { org, key, signedBy }: EnrolOptions): Promise<Outcome> {
  const { client } = run;
  const publicJwk = await publicKeyIn(key);
  const enrolled =
    signedBy === undefined
      ? await client.enrolFirstApprover(org, publicJwk)
      : await client.changeApprovers(org, await signed(run, org, signedBy, { action: 'enrol', publicJwk }));
  const where =
    enrolled.recorded === null
      ? 'was enrolled already'
      : `enrolled in ledger entry ${enrolled.recorded.index}`;
  return { json: enrolled, text: `${org}: approval key ${enrolled.credentialId} ${where}\n` };
}

interface RemoveOptions {
  readonly org: string;
  readonly credential: string;
  readonly signedBy: string;
}

async function remove(run: Run, { org, credential, signedBy }: RemoveOptions): Promise<Outcome> {
  const jws = await signed(run, org, signedBy, { action: 'remove', removes: credential });
  const removed = await run.client.changeApprovers(org, jws);
  const where =
    removed.recorded === null ? 'was removed already' : `removed in ledger entry ${removed.recorded.index}`;
  return { json: removed, text: `${org}: approval key ${removed.credentialId} ${where}\n` };
}

type Wish =
  | { readonly action: 'enrol'; readonly publicJwk: JsonObject | object }
  | { readonly action: 'remove'; readonly removes: string };
const VALID_S = 3600;

/** What an enrolled key says about another, signed here. */
async function signed({ client, terminal }: Run, org: string, keyFile: string, wish: Wish): Promise<string> {
  const key = await localKey(keyFile);
  const { deployment, organizationId } = await client.approvers(org);
  const payload = {
    type: 'smsk-enrolment/v1',
    ...wish,
    deployment,
    org: organizationId,
    credentialId: key.credentialId,
    nonce: Buffer.from(terminal.random(24)).toString('base64url'),
    exp: Math.floor(terminal.now() / 1000) + VALID_S,
  } satisfies Record<keyof EnrolmentPayload, unknown>;
  return key.sign(ENROLMENT_TYP, payload as unknown as JsonObject);
}

async function list({ client }: Run, { org }: { org: string }): Promise<Outcome> {
  const { approvers } = await client.approvers(org);
  const rows = approvers.map(({ credentialId, enrolledAt, removedAt }) => [
    credentialId,
    enrolledAt,
    removedAt === null ? 'may approve' : `removed ${removedAt}`,
  ]);
  const text =
    rows.length === 0
      ? `${org}: nobody may approve yet; enrol the key that the order names\n`
      : `${table([['KEY', 'ENROLLED', 'NOW'], ...rows])}\n`;
  return { json: approvers, text };
}
