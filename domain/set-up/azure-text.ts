import type { JsonObject } from '../canonical';
import { AZURE_CLOUDS, azureKeyParts } from '../intake/azure';
import type { AzureSetUpApp, AzureSetUpInput } from './azure';
import { quoted } from './quoted';

interface Named {
  readonly token: string;
  readonly roleName: string;
  readonly roleDefinition: JsonObject;
}

/** What a line begins with that says what the command above it must answer. */
const EXPECTED = '# -> ';
const must = (...lines: string[]): string[] => lines.map((line) => `${EXPECTED}${line}`);

/**
 * The set-up as commands of the Azure CLI, each step with the question that checks it. Pasted again it changes
 * nothing: what is there is left, above all the key, of which `key create` would make another version.
 */
export function azureSetUpText(input: AzureSetUpInput, named: Named): string {
  return [
    ...heading(input, named),
    ...variables(input, named),
    ...cloudAndTenant(input),
    ...vault(),
    ...key(),
    ...servicePrincipal(input.app),
    ...permission(named),
    ...auditLog(),
    ...firewall(input.egressRanges),
    ...credential(input.app),
    ...offSwitch(),
  ].join('\n');
}

function heading({ tenantId, key, app }: AzureSetUpInput, { token }: Named): string[] {
  const { cloud } = azureKeyParts(key);
  return [
    `# Azure Key Vault, cloud ${cloud}, tenant ${tenantId}: how we come to wrap and unwrap with one key, and`,
    '# to nothing else. For a POSIX shell with the Azure CLI, run by somebody who may create keys in the vault (Key',
    '# Vault Crypto Officer), and assign roles and change settings there (Owner). There is no secret in it, and it',
    `# may be run again. Below a command that checks something, “${EXPECTED.trim()}” says what it must answer. Azure takes some`,
    '# minutes until a role is known everywhere: where a check of step 5 or later fails, wait ten and run it again.',
    '#',
    ...whoseKey(app, token),
    '',
  ];
}

function whoseKey(app: AzureSetUpApp, token: string): string[] {
  if (app.owner === 'customer') {
    return [
      '# Azure has nothing like AWS’s external ID. You need none: the app is a registration of your own, kept for you',
      '# under an approved reference that is bound to this organization and this key.',
    ];
  }
  if (!app.shared) {
    return [
      '# Azure has nothing like AWS’s external ID. In its place our app is one for your organization alone, and no key',
      '# is taken for two organizations.',
    ];
  }
  return [
    '# Azure has nothing like AWS’s external ID, and our app serves other organizations too. In its place stands the',
    `# key’s name: it must contain ${token}, which belongs to your organization. For you we take no`,
    '# key without it, and for anybody else none with it.',
  ];
}

function variables({ key, app }: AzureSetUpInput, { roleName }: Named): string[] {
  const { vault, name } = azureKeyParts(key);
  const ownApp =
    app.clientId === null
      ? [
          '# The application (client) id of your app registration. Make one for this alone, which holds no other right:',
          '#   az ad app create --display-name smsk-wrap --sign-in-audience AzureADMyOrg --query appId --output tsv',
          onlyYouKnow('APP_ID'),
        ]
      : [`APP_ID=${quoted(app.clientId)}`];
  return [
    '# 0. What only you know; set it before you go on. LOG_WORKSPACE_ID: the resource id of the Log Analytics workspace',
    '#    that the audit log goes to (az monitor log-analytics workspace list --query "[].id" --output tsv).',
    onlyYouKnow('LOG_WORKSPACE_ID'),
    `VAULT=${quoted(vault)}`,
    `KEY=${quoted(name)}`,
    `ROLE=${quoted(roleName)}`,
    ...ownApp,
    '',
  ];
}

function cloudAndTenant({ key, tenantId }: AzureSetUpInput): string[] {
  const { cloud, host } = azureKeyParts(key);
  return [
    '# 1. Cloud and tenant; then the vault, in your default subscription (az account set --subscription NAME), with its',
    '#    resource group. A vault is created like this, and then keeps what is deleted for 90 days:',
    '#      az keyvault create --name "$VAULT" --resource-group GROUP --location PLACE --retention-days 90 \\',
    '#        --enable-rbac-authorization true',
    `az cloud set --name ${AZURE_CLOUDS[cloud].cliName} --output none`,
    `az login --tenant ${quoted(tenantId)} --output none`,
    'VAULT_ID="$(az keyvault show --name "$VAULT" --query id --output tsv)"',
    `GROUP_ID="\${VAULT_ID%/providers/*}"`,
    'KEY_ID="$VAULT_ID/keys/$KEY"',
    'az account show --query tenantId --output tsv',
    ...must(tenantId),
    'az keyvault show --name "$VAULT" --query properties.tenantId --output tsv',
    ...must(tenantId),
    'az keyvault show --name "$VAULT" --query properties.vaultUri --output tsv',
    ...must(`https://${host}/`),
    '',
  ];
}

function vault(): string[] {
  return [
    '# 2. Nobody destroys the key by mistake or in anger: what is deleted can be recovered (soft-delete; on for every',
    '#    vault), and nobody can purge it earlier. Purge protection can’t be switched off again. Whoever destroys the',
    '#    key destroys your data: we keep no way around it.',
    'az keyvault update --name "$VAULT" --enable-purge-protection true --output none',
    'az keyvault show --name "$VAULT" --query properties.enableSoftDelete --output tsv',
    ...must('true'),
    'az keyvault show --name "$VAULT" --query properties.enablePurgeProtection --output tsv',
    ...must('true'),
    '#    Private endpoints alone won’t do: we come from the Internet (step 7 names the addresses, where we have fixed ones).',
    'az keyvault show --name "$VAULT" --query properties.publicNetworkAccess --output tsv',
    ...must('Enabled'),
    '',
  ];
}

function key(): string[] {
  return [
    '# 3. The key: RSA of 3072 bits, for wrapping only. In a premium vault say --kty RSA-HSM. Set no expiry: an expired',
    '#    key unwraps, but wraps no more.',
    'az keyvault key show --vault-name "$VAULT" --name "$KEY" --output none 2>/dev/null ||',
    '  az keyvault key create --vault-name "$VAULT" --name "$KEY" --kty RSA --size 3072 --ops wrapKey unwrapKey --output none',
    'az keyvault key show --vault-name "$VAULT" --name "$KEY" --query "starts_with(key.kty, \'RSA\')" --output tsv',
    ...must('true'),
    'az keyvault key show --vault-name "$VAULT" --name "$KEY" --query "sort(key.keyOps)" --output tsv',
    ...must('unwrapKey', 'wrapKey'),
    'az keyvault key show --vault-name "$VAULT" --name "$KEY" --query attributes.enabled --output tsv',
    ...must('true'),
    '',
  ];
}

function servicePrincipal({ owner }: AzureSetUpApp): string[] {
  return [
    owner === 'operator'
      ? '# 4. Our app, as a service principal of your tenant. Creating it consents to nothing: it has no right in your tenant yet.'
      : '# 4. Your app registration’s service principal. What it may do elsewhere in your tenant, it may do still.',
    'OBJECT_ID="$(az ad sp show --id "$APP_ID" --query id --output tsv 2>/dev/null ||',
    '  az ad sp create --id "$APP_ID" --query id --output tsv)"',
    'az ad sp show --id "$APP_ID" --query accountEnabled --output tsv',
    ...must('true'),
    '',
  ];
}

function permission({ roleDefinition }: Named): string[] {
  return [
    '# 5. What it may do: wrap and unwrap with this one key. In a vault that goes by roles, a role of just these two,',
    '#    assigned at the key. In one that still goes by access policies they hold for every key in it, so keep no other',
    '#    keys there, and better let it go by roles: az keyvault update --name "$VAULT" --enable-rbac-authorization true.',
    'if [ "$(az keyvault show --name "$VAULT" --query properties.enableRbacAuthorization --output tsv)" = true ]; then',
    '[ -n "$(az role definition list --name "$ROLE" --scope "$GROUP_ID" --query "[].name" --output tsv)" ] ||',
    `  az role definition create --output none --role-definition ${document(roleDefinition)}`,
    'az role assignment create --role "$ROLE" --assignee-object-id "$OBJECT_ID" \\',
    '  --assignee-principal-type ServicePrincipal --scope "$KEY_ID" --output none',
    'az role definition list --name "$ROLE" --scope "$GROUP_ID" \\',
    '  --query "[].permissions[].[actions, dataActions][][] | sort(@)" --output tsv',
    ...must(...(roleDefinition['DataActions'] as string[])),
    '#  Nothing else must stand here, inherited roles included:',
    'az role assignment list --assignee "$OBJECT_ID" --scope "$KEY_ID" --include-inherited \\',
    '  --query "[].roleDefinitionName" --output tsv',
    ...must(String(roleDefinition['Name'])),
    'else',
    'az keyvault set-policy --name "$VAULT" --object-id "$OBJECT_ID" --key-permissions wrapKey unwrapKey --output none',
    'az keyvault show --name "$VAULT" --output tsv \\',
    '  --query "properties.accessPolicies[?objectId==\'$OBJECT_ID\'].permissions.keys[] | sort(@)"',
    ...must('unwrapKey', 'wrapKey'),
    'fi',
    '',
  ];
}

function auditLog(): string[] {
  return [
    '# 6. Your own record of every use: AuditEvent, with our request ids. It has to be switched on, and the Activity Log',
    '#    doesn’t replace it: uses of keys aren’t in that. Rows appear within some minutes.',
    'az monitor diagnostic-settings create --name smsk-audit --resource "$VAULT_ID" --workspace "$LOG_WORKSPACE_ID" \\',
    '  --logs \'[{"category":"AuditEvent","enabled":true}]\' --output none',
    'az monitor diagnostic-settings show --name smsk-audit --resource "$VAULT_ID" \\',
    '  --query "logs[?category==\'AuditEvent\'].enabled" --output tsv',
    ...must('true'),
    '',
  ];
}

function firewall(ranges: readonly string[]): string[] {
  if (ranges.length === 0) {
    return ['# 7. If the vault has a firewall, it must let us in: ask us for our addresses.', ''];
  }
  return [
    '# 7. If the vault has a firewall, it must let us in; where it has none, this changes nothing.',
    `az keyvault network-rule add --name "$VAULT" --ip-address ${ranges.join(' ')} --output none`,
    ...ranges.flatMap((range) => [
      `az keyvault network-rule list --name "$VAULT" --query "ipRules[?value=='${range}'].value" --output tsv`,
      ...must(range),
    ]),
    '',
  ];
}

/** Not among the commands: what they made would stand on a screen. */
function credential({ owner }: AzureSetUpApp): string[] {
  if (owner === 'operator') return [];
  return [
    '# 8. Last, and not here: your app’s credential. Whoever holds it is your app, so it goes where it was agreed with our',
    '#    people, straight from the machine it is made on, and never into a ticket, a mail or any field of this product.',
    '#    A certificate with an RSA key, in one file with that key, which its owner alone may read:',
    '#      (umask 077; openssl req -x509 -newkey rsa:3072 -nodes -days 365 -subj /CN=smsk-wrap \\',
    '#        -keyout key.pem -out certificate.pem && cat key.pem certificate.pem > smsk-credential.pem)',
    '#      az ad app credential reset --id "$APP_ID" --cert @certificate.pem --append --output none',
    '#    To renew it add a second one likewise, have that registered and confirmed, and delete the first.',
    '',
  ];
}

/** Not among the commands either: for the day it's wanted. */
function offSwitch(): string[] {
  return [
    '# The off-switch, for the day you want it. A key version is switched off by itself, and what was wrapped under a former',
    '# one is readable as long as that is on; so switch off every version, and not, by the key’s name, only the newest:',
    '#   for ID in $(az keyvault key list-versions --vault-name "$VAULT" --name "$KEY" --query "[].kid" --output tsv); do',
    '#     az keyvault key set-attributes --id "$ID" --enabled false --output none; done',
    '# From our next operation on your data is unreadable, for us too. With --enabled true it is readable again, by itself.',
    '',
  ];
}

/** Stops a script where a variable isn't set. */
const onlyYouKnow = (name: string): string => `: "\${${name}:?set it first, see above}"`;

/** A JSON document in single quotes, with the scope's variable outside of them. */
const document = (definition: JsonObject): string =>
  quoted(JSON.stringify(definition, null, 2)).replace('$GROUP_ID', `'"$GROUP_ID"'`);
