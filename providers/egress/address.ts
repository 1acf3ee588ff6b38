import ipaddr from 'ipaddr.js';

/** RFC 4291 §2.4, IANA: the only block global unicast addresses are given out of. */
const GLOBAL_UNICAST: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('2000::'), 3];

/**
 * Whether an address is a plain public one. Everything with a purpose of its own is refused: loopback, private,
 * link-local (with the metadata services), shared (CGNAT), multicast, unspecified, reserved, documentation, and
 * every IPv6 form that carries an IPv4 address (mapped, compatible, NAT64, 6to4, Teredo), because what it leads
 * to is decided elsewhere.
 */
export function isPublicAddress(text: string): boolean {
  if (!ipaddr.isValid(text)) return false;
  const address = ipaddr.parse(text);
  if (address.range() !== 'unicast') return false;
  return address instanceof ipaddr.IPv4 || (address as ipaddr.IPv6).match(GLOBAL_UNICAST);
}
