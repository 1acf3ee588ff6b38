import type { Firewall, Vault } from '../model/state';
import { type Caller, shown } from './authenticate';
import { forbidden } from './refusal';

/** https://learn.microsoft.com/azure/key-vault/general/network-security @throws VaultError */
export function requireAddress(vault: Vault, caller: Caller, address: string): void {
  if (lets(vault.firewall, address)) return;
  throw forbidden(
    'ForbiddenByFirewall',
    `Client address is not authorized and caller is not a trusted service.\r\nClient address: ${address}\r\nCaller: ${shown(caller)}\r\nVault: ${vault.name};location=${vault.location}`,
  );
}

function lets({ defaultAction, ipRules }: Firewall, address: string): boolean {
  return defaultAction === 'Allow' || ipRules.some((rule) => covers(rule, address));
}

function covers(rule: string, address: string): boolean {
  const [base = '', size = '32'] = rule.split('/');
  const mask = Number(size) === 0 ? 0 : (~0 << (32 - Number(size))) >>> 0;
  return (numberOf(base) & mask) >>> 0 === (numberOf(address) & mask) >>> 0;
}

function numberOf(ipv4: string): number {
  return ipv4.split('.').reduce((sum, part) => (sum * 256 + Number(part)) >>> 0, 0);
}
