import { tokenFile } from './cast';
import type { Services } from './services';

/** What to open and what to type, once the story is told. */
export function whereToLook(services: Services, stateDir: string): string[] {
  const token = (name: string) => tokenFile(stateDir, name);
  return [
    '',
    'Everything keeps running until Ctrl-C.',
    `  Temporal Web UI  ${services.temporalUi}/namespaces/default/workflows`,
    `  … to read payloads there, sign in with the support token and follow that page: ${services.api}/codec/sign-in`,
    `    ${token('support')}`,
    `  API              ${services.api}/openapi.json`,
    `  Emulated AWS     ${services.aws.url}`,
    `  Emulated Azure   ${services.azure.url}`,
    '',
    'Try:',
    `  export SMSK_URL=${services.api}`,
    `  scripts/smsk --token-file ${token('support')} status --org acme`,
    `  scripts/smsk --token-file ${token('support')} ledger show --org acme`,
    `  echo hello | scripts/smsk --token-file ${token('acme-service')} encrypt --org acme > hello.enc`,
    `  scripts/smsk --token-file ${token('acme-service')} decrypt --org acme < hello.enc`,
  ];
}
