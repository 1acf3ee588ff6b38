import type { Command } from 'commander';
import type { ReferenceView, RegistrationView } from '../../api/client';
import { type ReferenceRequest, referenceInput } from '../../domain/credential-reference';
import { KEY_FORMS, providerOfKey } from '../../domain/intake/provider';
import type { AddCommand, Outcome, Run } from '../command';
import { EXIT } from '../exit-codes';
import { Declined } from '../failure';
import { forOrganization, repeatKey } from '../options';
import { referencesText, registrationRows, registrationText } from '../words/credential';
import { fields } from '../words/table';

/** `smsk credential list|register|confirm|withdraw` */
export const credential: AddCommand = (program, act) => {
  const group = program
    .command('credential')
    .description('registered references to credentials of customers’: never the credentials themselves');
  act(
    forOrganization(group.command('list')).description(
      'where each name stands: for which key, until when, who registered and who confirmed it',
    ),
    list,
  );
  act(
    withName(group.command('register'))
      .requiredOption('--key <id>', 'the one key it is for: key ARN, or Key Vault key identifier')
      .requiredOption(
        '--identity <id>',
        'who it makes us: ARN of an IAM user or role, or client id of an app',
      )
      .requiredOption('--locator <kind:name>', 'where it lies: file:NAME, aws:NAME or azure:NAME')
      .requiredOption('--not-after <date>', 'when it ends: 2027-01-31, or 2027-01-31T00:00:00.000Z')
      .description('register where a credential lies, or its renewal; another person has to confirm it'),
    register,
  );
  act(
    withName(group.command('confirm'))
      .option('--registration <index>', 'ledger entry that you read; anything else is not confirmed')
      .option('--yes', 'confirm without asking')
      .description('confirm what somebody else registered; from then on it counts'),
    confirm,
  );
  act(
    withName(group.command('withdraw'))
      .option('--yes', 'withdraw without asking')
      .description('end a reference; a connection that names it can’t be used from then on'),
    withdraw,
  );
};

const withName = (command: Command): Command =>
  forOrganization(command)
    .requiredOption('--name <name>', 'of the reference, without approved:')
    .addOption(repeatKey());

interface Named {
  readonly org: string;
  readonly name: string;
  readonly idempotencyKey?: string;
}

async function list({ client, terminal }: Run, { org }: { org: string }): Promise<Outcome> {
  const { references } = await client.credentialReferences(org);
  return { json: references, text: referencesText(org, references, terminal.now()) };
}

interface RegisterOptions extends Named {
  readonly key: string;
  readonly identity: string;
  readonly locator: string;
  readonly notAfter: string;
}

async function register(run: Run, options: RegisterOptions): Promise<Outcome> {
  const { org, name, idempotencyKey } = options;
  const { recorded, ...answer } = await run.client.registerReference(org, stated(options), {
    idempotencyKey,
  });
  const text = [
    `approved:${name}: registered in ledger entry ${recorded.index}; it doesn’t count yet\n`,
    fields([
      [
        'awaited',
        `another person of support or SRE: \`smsk credential confirm --org ${org} --name ${name}\``,
      ],
    ]),
  ].join('');
  return { json: { ...answer, recorded }, text };
}

const OPTION_OF: Readonly<Record<string, string>> = { notAfter: '--not-after' };

/** @throws Declined that names the option, and never its value: it may be what should not have been typed */
function stated({ name, key, identity, locator, notAfter: given }: RegisterOptions): ReferenceRequest {
  const provider = providerOfKey(key);
  if (provider === null) throw new Declined(`--key ${KEY_FORMS}`, 'give the whole identifier', EXIT.usage);
  const notAfter = /^\d{4}-\d\d-\d\d$/.test(given) ? `${given}T00:00:00.000Z` : given;
  const request: ReferenceRequest = { name, provider, key, identity, locator, notAfter };
  const [issue] = referenceInput.safeParse(request).error?.issues ?? [];
  if (issue === undefined) return request;
  const field = String(issue.path[0]);
  throw new Declined(
    `${OPTION_OF[field] ?? `--${field}`} ${issue.message}`,
    'nothing was sent; see `smsk credential register --help`',
    EXIT.usage,
  );
}

interface ConfirmOptions extends Named {
  readonly registration?: string;
  readonly yes?: boolean;
}

async function confirm(run: Run, options: ConfirmOptions): Promise<Outcome> {
  const { client, terminal } = run;
  const { org, name, idempotencyKey } = options;
  const registration = waiting(await referenceNamed(run, options), options);
  const now = terminal.now();
  terminal.err(`${registrationText(name, registration, now)}\n`);
  await consent(run, options, options.registration !== undefined, 'confirm that this is what you checked');
  const answer = await client.confirmReference(org, name, registration.index, { idempotencyKey });
  const { index } = answer.recorded;
  const text = [
    `approved:${name}: confirmed in ledger entry ${index}; it counts from now on\n`,
    fields(registrationRows(registration, now)),
  ].join('');
  return { json: answer, text };
}

/** The registration that waits, or the one that was read. @throws Declined where that is another */
function waiting(
  { name, pending, confirmed }: ReferenceView,
  { org, registration: read }: ConfirmOptions,
): RegistrationView {
  if (read === undefined) {
    if (pending !== null) return pending;
    throw new Declined(
      `approved:${name} has nothing that waits for its confirmation`,
      `see where it stands: \`smsk credential list --org ${org}\``,
    );
  }
  // An answer that was lost is asked for again under its idempotency key: what was read may count by now.
  const found = [pending, confirmed].find((one) => String(one?.index) === read);
  if (found != null) return found;
  throw new Declined(
    `what waits under approved:${name} is not the registration you read`,
    `read it again: \`smsk credential list --org ${org}\``,
  );
}

async function withdraw(run: Run, options: Named & { readonly yes?: boolean }): Promise<Outcome> {
  const { org, name, idempotencyKey } = options;
  await consent(
    run,
    options,
    false,
    'withdraw it: a connection that names it can’t be used from then on, and its data not be read',
  );
  const answer = await run.client.withdrawReference(org, name, { idempotencyKey });
  const text = [
    `approved:${name}: withdrawn in ledger entry ${answer.recorded.index}\n`,
    fields([['to do', 'have the credential itself deleted where it lies, and revoked by the customer']]),
  ].join('');
  return { json: answer, text };
}

async function referenceNamed({ client }: Run, { org, name }: Named): Promise<ReferenceView> {
  const { references } = await client.credentialReferences(org);
  const found = references.find((reference) => reference.name === name);
  if (found !== undefined) return found;
  throw new Declined(
    `${org} has no credential reference of that name`,
    `see them: \`smsk credential list --org ${org}\``,
  );
}

/** Given by somebody who says so: with --yes or what they read, or when asked. */
async function consent(
  { terminal }: Run,
  { name, yes }: Named & { readonly yes?: boolean },
  isGiven: boolean,
  what: string,
): Promise<void> {
  if (isGiven || yes === true) return;
  const answer = await terminal.ask(`Type the name ${name} to ${what}: `);
  if (answer === null) throw new Declined('nobody is here to ask', 'give --yes', EXIT.usage);
  if (answer.trim() !== name) throw new Declined('not done', 'nothing was sent');
}
