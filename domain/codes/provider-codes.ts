import type { CodeEntry } from './code';

/** Codes a provider call can end with. `PROVIDER_FAILURES` rows map onto these; nothing else leaves `providers/`. */
export const PROVIDER_CODES = {
  KEY_DISABLED: {
    owner: 'customer',
    retry: 'slow',
    effect: 'unreadable',
    text: 'The key is disabled.',
    remedy: 'Enable the key in your provider account. Access returns with the next operation.',
  },
  KEY_PENDING_DELETION: {
    owner: 'customer',
    retry: 'slow',
    effect: 'unreadable',
    text: 'The key is scheduled for deletion.',
    remedy:
      'Urgent: cancel the deletion, then enable the key (cancelling leaves it disabled). Once the key is deleted, the data is lost for everybody.',
  },
  KEY_MATERIAL_MISSING: {
    owner: 'customer',
    retry: 'slow',
    effect: 'unreadable',
    text: 'The key waits for its imported material, which expired or was deleted.',
    remedy: 'Import the same key material again.',
  },
  CUSTOM_STORE_DOWN: {
    owner: 'customer',
    retry: 'slow',
    effect: 'unreadable',
    text: 'The key’s custom key store (CloudHSM or external) is not available.',
    remedy: 'Reconnect the custom key store or mend its external proxy.',
  },
  KEY_NOT_FOUND: {
    owner: 'customer',
    retry: 'slow',
    effect: 'unreadable',
    text: 'The provider knows no such key there.',
    remedy:
      'Check the key’s identifier, and its region or vault. A key that was deleted for good can’t be recovered.',
  },
  WRAP_DENIED: {
    owner: 'customer',
    retry: 'slow',
    effect: 'no-rotation',
    text: 'The identity may not wrap with this key (kms:Encrypt, wrapKey).',
    remedy:
      'Allow wrapping for our identity: AWS, kms:Encrypt in the key policy and in the role’s own; Azure, wrapKey in the role assignment or access policy. Compare with the text `smsk connection policy` prints.',
  },
  UNWRAP_DENIED: {
    owner: 'customer',
    retry: 'slow',
    effect: 'unreadable',
    text: 'The identity may not unwrap with this key (kms:Decrypt, unwrapKey).',
    remedy:
      'Allow unwrapping for our identity: AWS, kms:Decrypt in key policy, role policy, service control policies and any condition on the encryption context; Azure, unwrapKey in the role assignment or access policy. Compare with the text `smsk connection policy` prints.',
  },
  KEY_WRONG_TYPE: {
    owner: 'customer',
    retry: 'never',
    effect: 'setup-blocked',
    text: 'The key is of the wrong type.',
    remedy:
      'Create a key of the right type and submit it: AWS, SYMMETRIC_DEFAULT with usage ENCRYPT_DECRYPT; Azure, RSA (or RSA-HSM) of 2048 bits or more.',
  },
  KEY_MULTI_REGION: {
    owner: 'customer',
    retry: 'never',
    effect: 'setup-blocked',
    text: 'The key is a multi-Region key, whose replicas have off-switches of their own.',
    remedy: 'Create a single-Region key and submit its ARN.',
  },
  KEY_MISMATCH: {
    owner: 'customer',
    retry: 'never',
    effect: 'unreadable',
    text: 'Another key answered than the one this data is wrapped under.',
    remedy: 'Point the alias back to the pinned key, or ask support for a change of connection.',
  },
  KEY_MOVED: {
    owner: 'customer',
    retry: 'never',
    effect: 'no-rotation',
    text: 'The alias now points to another key than the one pinned at verification.',
    remedy:
      'Point the alias back, or run verification again before activation, or ask for a change of connection after it.',
  },
  CONTEXT_OR_BLOB_INVALID: {
    owner: 'operator',
    retry: 'never',
    effect: 'unreadable',
    text: 'The provider can’t open this envelope with its context.',
    remedy: 'Our people are looking into it; the envelope must never be edited by hand.',
  },
  CHECK_VALUE_MISMATCH: {
    owner: 'operator',
    retry: 'never',
    effect: 'unreadable',
    text: 'An unwrap returned another workspace key than the one its statement describes.',
    remedy: 'Our people are looking into it; the envelope must never be edited by hand.',
  },
  STATEMENT_INVALID: {
    owner: 'operator',
    retry: 'never',
    effect: 'unreadable',
    text: 'A stored custody or envelope row doesn’t carry our valid signature, so it isn’t used.',
    remedy: 'Our people are looking into it as a security incident. No provider was called.',
  },
  CONFIG_INVALID: {
    owner: 'customer',
    retry: 'never',
    effect: 'setup-blocked',
    text: 'The provider rejects the key identifier or parameter as malformed.',
    remedy: 'Correct the identifier and submit the connection again.',
  },
  PROVIDER_TRANSIENT: {
    owner: 'provider',
    retry: 'fast',
    effect: 'unreadable',
    text: 'The provider answers with an internal error.',
    remedy: 'Wait: we keep trying. See the provider’s health page.',
  },
  THROTTLED: {
    owner: 'customer',
    retry: 'fast',
    effect: 'unreadable',
    text: 'The provider throttles our calls; they spend the quota of your account or vault.',
    remedy:
      'AWS: raise the KMS request quota of your account in that region. Azure: give this key a vault of its own.',
  },
  ROLE_ASSUME_DENIED: {
    owner: 'customer',
    retry: 'slow',
    effect: 'unreadable',
    text: 'Your role doesn’t let us assume it: the role is gone, its trust policy doesn’t name us, it asks for another external ID, or a service control policy forbids it (AWS doesn’t tell which).',
    remedy:
      'Compare the role’s trust policy, statement by statement, with the text `smsk connection policy` prints.',
  },
  TRUST_POLICY_OPEN: {
    owner: 'customer',
    retry: 'never',
    effect: 'setup-blocked',
    text: 'Your role can be assumed without, or with a wrong, external ID: others could reach your key through us.',
    remedy:
      'Add the condition on sts:ExternalId from the text `smsk connection policy` prints to the trust policy, then verify again.',
  },
  REGION_NOT_ENABLED: {
    owner: 'customer',
    retry: 'never',
    effect: 'unreadable',
    text: 'The region isn’t enabled for that account.',
    remedy: 'Enable the region, and its STS endpoint, in your account.',
  },
  SESSION_EXPIRED: {
    owner: 'operator',
    retry: 'once',
    effect: 'unreadable',
    text: 'Our session with the provider had expired.',
    remedy: 'We renew it at once; nothing to do.',
  },
  OUR_IDENTITY: {
    owner: 'operator',
    retry: 'once',
    effect: 'unreadable',
    text: 'The provider doesn’t accept our own identity.',
    remedy: 'Our people have been told; nothing to do on your side.',
  },
  OUR_SESSION_POLICY: {
    owner: 'operator',
    retry: 'never',
    effect: 'unreadable',
    text: 'The provider rejects the session policy we send.',
    remedy: 'Our people have been told; nothing to do on your side.',
  },
  OUR_CLOCK_OR_CREDS: {
    owner: 'operator',
    retry: 'once',
    effect: 'unreadable',
    text: 'The provider rejects our signature or our clock.',
    remedy: 'Our people have been told; nothing to do on your side.',
  },
  NETWORK: {
    owner: 'provider',
    retry: 'fast',
    effect: 'unreadable',
    text: 'The provider’s endpoint can’t be reached.',
    remedy:
      'We keep trying. Check the provider’s health page and whether a firewall or DNS rule blocks the call.',
  },
  DEADLINE_EXCEEDED: {
    owner: 'provider',
    retry: 'fast',
    effect: 'unreadable',
    text: 'The provider didn’t answer within the operation’s deadline.',
    remedy: 'We keep trying. Check the provider’s health page.',
  },
  RBAC_DENIED: {
    owner: 'customer',
    retry: 'slow',
    effect: 'unreadable',
    text: 'Our app has no role on this key. A vault that was deleted and recovered has lost its role assignments.',
    remedy:
      'Create the role assignment again with the text `smsk connection policy` prints; Azure takes several minutes to apply it.',
  },
  ACCESS_POLICY_DENIED: {
    owner: 'customer',
    retry: 'slow',
    effect: 'unreadable',
    text: 'The vault’s access policy doesn’t let our app do that.',
    remedy: 'Add the key permissions wrapKey and unwrapKey for our app to the vault’s access policy.',
  },
  FIREWALL: {
    owner: 'customer',
    retry: 'slow',
    effect: 'unreadable',
    text: 'The vault’s firewall refuses our address.',
    remedy:
      'Allow our outgoing addresses in the vault’s network settings. Private link isn’t part of this version.',
  },
  KEY_EXPIRED_OR_NBF: {
    owner: 'customer',
    retry: 'slow',
    effect: 'no-rotation',
    text: 'The key version has expired or isn’t valid yet: it unwraps, and doesn’t wrap.',
    remedy: 'Set its expiry later or its start earlier, or create a new version of the key.',
  },
  KEY_OPS_MISSING: {
    owner: 'customer',
    retry: 'never',
    effect: 'setup-blocked',
    text: 'The key’s own list of permitted operations lacks wrapKey or unwrapKey.',
    remedy: 'Add wrapKey and unwrapKey to the key’s permitted operations (key_ops).',
  },
  KEY_DELETED_OR_VERSION_GONE: {
    owner: 'customer',
    retry: 'slow',
    effect: 'unreadable',
    text: 'The vault has no such key or version: it was deleted, or never existed.',
    remedy:
      'Urgent: recover the key (it is kept for 7 to 90 days after deletion), or check its name. Once it is purged, the data is lost for everybody.',
  },
  CIPHERTEXT_OR_ALG_MISMATCH: {
    owner: 'operator',
    retry: 'never',
    effect: 'unreadable',
    text: 'The key can’t open this envelope.',
    remedy: 'Our people are looking into it; the envelope must never be edited by hand.',
  },
  TENANT_MISMATCH: {
    owner: 'customer',
    retry: 'never',
    effect: 'setup-blocked',
    text: 'The vault belongs to another tenant than the one entered.',
    remedy: 'Enter the tenant id of the vault (az keyvault show --query properties.tenantId).',
  },
  VAULT_PURGED_OR_WRONG: {
    owner: 'customer',
    retry: 'slow',
    effect: 'unreadable',
    text: 'There is no vault of that name: it was never there, or it was purged.',
    remedy: 'Check the vault’s name. A vault that was purged, and its keys, can’t be recovered.',
  },
  SP_NOT_IN_TENANT: {
    owner: 'customer',
    retry: 'slow',
    effect: 'unreadable',
    text: 'Our app isn’t installed in your tenant.',
    remedy:
      'Install it again: az ad sp create --id with the application id that `smsk connection policy` prints.',
  },
  IDENTITY_BLOCKED: {
    owner: 'customer',
    retry: 'slow',
    effect: 'unreadable',
    text: 'Your tenant blocks our app: it is disabled there, or a Conditional Access policy applies to it.',
    remedy: 'Enable the app (enterprise application) in your tenant, or exclude it from the policy.',
  },
  TENANT_NOT_FOUND: {
    owner: 'customer',
    retry: 'never',
    effect: 'unreadable',
    text: 'Entra ID knows no such tenant.',
    remedy: 'Correct the tenant id.',
  },
  CREDENTIAL_INVALID: {
    owner: 'customer',
    retry: 'never',
    effect: 'unreadable',
    text: 'The credential behind the reference isn’t accepted: it is wrong, expired or was revoked.',
    remedy:
      'Put a new credential where the reference points, as agreed with our people; never send it to anybody.',
  },
  FEDERATION_MISMATCH: {
    owner: 'operator',
    retry: 'once',
    effect: 'unreadable',
    text: 'Entra ID doesn’t accept our federated identity for the app.',
    remedy: 'Our people have been told; nothing to do on your side.',
  },
  KEY_NOT_BOUND: {
    owner: 'customer',
    retry: 'never',
    effect: 'setup-blocked',
    text: 'The key’s name doesn’t carry your organization’s token, so nothing shows that it is yours.',
    remedy:
      'Create the key under a name that contains the token which `smsk connection policy` prints, and submit it.',
  },
  REFERENCE_UNKNOWN: {
    owner: 'customer',
    retry: 'never',
    effect: 'setup-blocked',
    text: 'There is no credential reference of that name for this organization, provider and key.',
    remedy:
      'Check the name with our people; a reference must be registered, and confirmed by a second person.',
  },
  CREDENTIAL_UNAVAILABLE: {
    owner: 'operator',
    retry: 'slow',
    effect: 'unreadable',
    text: 'What the credential reference points to can’t be read on our side.',
    remedy: 'Our people have been told; nothing to do on your side.',
  },
  CREDENTIAL_EXPIRED: {
    owner: 'customer',
    retry: 'slow',
    effect: 'unreadable',
    text: 'The credential behind the reference is past its date.',
    remedy:
      'Put a new credential where it was agreed with our people, and have two of them register its new date under the same name; never send it to anybody.',
  },
  HOST_NOT_ALLOWED: {
    owner: 'customer',
    retry: 'never',
    effect: 'setup-blocked',
    text: 'The vault’s name leads to a private address, and we connect to public ones only.',
    remedy:
      'Have the vault’s public name resolve to its public endpoint; private link isn’t part of this version.',
  },
  OUR_DNS: {
    owner: 'operator',
    retry: 'slow',
    effect: 'unreadable',
    text: 'Name resolution on our side leads the provider’s own host to an address that we don’t connect to.',
    remedy: 'Our people have been told; nothing to do on your side.',
  },
  CREDENTIAL_EXPIRING: {
    owner: 'customer',
    retry: 'never',
    effect: 'none',
    text: 'The credential behind the reference ends soon.',
    remedy:
      'Before that date, put a new credential where it was agreed with our people, and have two of them register its new date under the same name; never send it to anybody.',
  },
  PLATFORM_KEY_ALIVE: {
    owner: 'operator',
    retry: 'slow',
    effect: 'none',
    text: 'The operator’s former key for this organization still unwraps.',
    remedy:
      'Our people have been told. While the arrangement is being sealed, sealing goes on until it is refused; afterwards they disable it and have it deleted.',
  },
  KEY_ROTATED: {
    owner: 'customer',
    retry: 'never',
    effect: 'none',
    text: 'Your provider has a newer version of the key than this data is wrapped under.',
    remedy:
      'Nothing to do: it is wrapped under the new version. Keep the former one enabled until the status says that it’s safe to disable.',
  },
  RECORD_UNEXPLAINED: {
    owner: 'operator',
    retry: 'never',
    effect: 'none',
    text: 'A stored record of this organization isn’t explained by its ledger.',
    remedy: 'Our people are looking into it as a security incident; records must never be edited by hand.',
  },
  UNCLASSIFIED: {
    owner: 'operator',
    retry: 'slow',
    effect: 'unreadable',
    text: 'The provider answered with something we don’t know.',
    remedy: 'Our people have been told, with the provider’s request id. Nothing falls back to another key.',
  },
} as const satisfies Record<string, CodeEntry>;

export type ProviderCode = keyof typeof PROVIDER_CODES;
