import {
  type Code,
  describeCode,
  isProviderCode,
  type Owner,
  PROVIDER_CODES,
  type ProviderCode,
} from './codes';

/** Who can mend it, in a few words. */
export const OWNER_TEXT: Readonly<Record<Owner, string>> = {
  customer: 'for the customer to mend',
  provider: 'the provider’s trouble',
  operator: 'for us to mend',
};

interface Words {
  readonly text: string;
  readonly remedy: string;
}

const NOTHING_TO_DO = 'Our people have been told; nothing to do on your side.';
const OUR_NETWORK: Words = {
  text: 'The provider can’t be reached from our network: a key of our own can’t either.',
  remedy: NOTHING_TO_DO,
};

/** Where the code table's words name somebody else than the attribution does. */
const OTHERWISE: Partial<Record<ProviderCode, Partial<Record<Owner, Words>>>> = {
  NETWORK: {
    customer: {
      text: 'Your vault can’t be reached, while one of our own can.',
      remedy: 'Check your vault’s firewall and DNS: its public name must lead to its public endpoint.',
    },
    operator: OUR_NETWORK,
  },
  DEADLINE_EXCEEDED: { operator: OUR_NETWORK },
  VAULT_PURGED_OR_WRONG: { operator: OUR_NETWORK },
  FIREWALL: {
    operator: {
      text: 'The vault’s firewall refuses our address, and so does the one of our own vault: our address has changed.',
      remedy: NOTHING_TO_DO,
    },
  },
  THROTTLED: {
    operator: {
      text: 'The provider throttles our calls by a quota of ours.',
      remedy: 'We slow down and have it raised; nothing to do on your side.',
    },
  },
  CREDENTIAL_INVALID: {
    operator: {
      text: 'The credential of our own app isn’t accepted: it is wrong, expired or was revoked.',
      remedy: NOTHING_TO_DO,
    },
  },
  CREDENTIAL_EXPIRING: {
    operator: {
      text: 'The certificate of our own app ends soon.',
      remedy: 'Our people replace it before its date; nothing to do on your side.',
    },
  },
  CREDENTIAL_EXPIRED: {
    operator: {
      text: 'The certificate of our own app is past its date.',
      remedy: 'Our people replace it; nothing to do on your side.',
    },
  },
  OUR_IDENTITY: { customer: PROVIDER_CODES.CREDENTIAL_INVALID },
  OUR_CLOCK_OR_CREDS: { customer: PROVIDER_CODES.CREDENTIAL_INVALID },
};

/** For every other code: what the attribution itself says. */
const GENERALLY: Readonly<Record<Owner, Words>> = {
  customer: {
    text: 'The provider refuses this key, while it serves one of our own.',
    remedy: 'Compare your set-up with the text `smsk connection policy` prints.',
  },
  provider: {
    text: 'The provider fails for a key of our own, too.',
    remedy: 'Wait: we keep trying. See the provider’s health page.',
  },
  operator: {
    text: 'The provider refuses us for a key of our own in the same way: the cause is on our side.',
    remedy: NOTHING_TO_DO,
  },
};

/** What happened and what to do, as the attribution has it. @param owner `null`: not attributed */
export function wordsOf(code: Code, owner: Owner | null): Words {
  if (!isProviderCode(code)) return describeCode(code);
  const byCode = PROVIDER_CODES[code];
  if (owner === null || owner === byCode.owner) return byCode;
  return OTHERWISE[code]?.[owner] ?? GENERALLY[owner];
}
