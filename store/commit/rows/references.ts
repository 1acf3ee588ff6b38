import type { ChangeOf } from '../../../domain/change';
import {
  type NamedReference,
  NO_REFERENCE,
  nextReference,
  type ReferenceEvent,
} from '../../../domain/credential-reference';
import { sha256OfText } from '../../../domain/digest';
import { Refusal } from '../../../domain/failure';
import type { UnfencedStep } from '../step';

export async function referenceRegistered(
  step: UnfencedStep,
  change: ChangeOf<'reference-registered'>,
): Promise<void> {
  const { tx, organization: organizationId, index, at, actor } = step;
  const { name, provider, key, identity, locator, notAfter, after, proof } = change;
  const locatorSha256 = sha256OfText(locator);
  const entered = {
    name,
    provider,
    key,
    identity,
    locatorSha256,
    notAfter,
    proofSha256: sha256OfText(proof),
  };
  await accepted(step, name, {
    type: 'reference-registered',
    registration: { ...entered, after, by: actor.name, at, index },
  });
  await tx.referenceRegistration.create({
    data: {
      organizationId,
      ledgerIndex: index,
      name,
      provider,
      key,
      identity,
      locator,
      notAfter,
      registeredBy: actor.name,
      proof,
    },
  });
}

export async function referenceConfirmed(
  step: UnfencedStep,
  change: ChangeOf<'reference-confirmed'>,
): Promise<void> {
  const { tx, organization: organizationId, index, at, actor } = step;
  const { name, registration, proof } = change;
  const confirmation = { registration, by: actor.name, at, index, proofSha256: sha256OfText(proof) };
  await accepted(step, name, { type: 'reference-confirmed', confirmation });
  await tx.referenceConfirmation.create({
    data: {
      organizationId,
      ledgerIndex: index,
      name,
      registrationIndex: registration,
      confirmedBy: actor.name,
      proof,
    },
  });
}

export async function referenceWithdrawn(
  step: UnfencedStep,
  { name }: ChangeOf<'reference-withdrawn'>,
): Promise<void> {
  const { tx, organization: organizationId, index, actor } = step;
  await accepted(step, name, { type: 'reference-withdrawn', index });
  await tx.referenceWithdrawal.create({
    data: { organizationId, ledgerIndex: index, name, withdrawnBy: actor.name },
  });
}

/** By what the ledger says of the name, under its lock. @throws Refusal */
async function accepted(
  { said }: UnfencedStep,
  name: string,
  event: ReferenceEvent,
): Promise<NamedReference> {
  const next = nextReference((await said()).references.get(name) ?? NO_REFERENCE, event);
  if (typeof next === 'string') throw new Refusal(next);
  return next;
}
